//! Accounts: cash, positions, keys and owners (docs/spec/state.md § 6).

use zkperp_schema as schema;

use crate::account_leaves::{due_from_words, due_words, owner_from_words, owner_words};
use crate::address;
use crate::command::KeyLimbs;
use crate::journal::{Journal, Stamp};
use crate::leaf::{EMPTY, LeafWords};
use crate::level::FieldError;
use crate::standing::Standing;

/// Accounts per page of the directory.
const PAGE: usize = 1 << 12;
/// A place of the directory without an account.
const ABSENT: u32 = u32::MAX;

/// An account's place in the engine's own table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AccountIndex(u32);

/// An account, open or with nothing but zeros.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) number: u32,
    pub(crate) is_open: bool,
    /// Bit m is set exactly when the position in market m is not zero.
    pub(crate) positions: u32,
    /// Cash, micro-USDC.
    pub(crate) collateral: i64,
    /// 0: cross; 1 + m: isolated, trades market m only.
    pub(crate) mode: u8,
    /// The account that made this sub-account, or 0.
    pub(crate) master: u32,
    /// Its orders with lower ids are dead, in every market.
    pub(crate) cleared: u64,
    /// 0, or the program time from which on all its orders are dead.
    pub(crate) deadline_ms: u64,
    /// 0, or 1 + the page of its client ids.
    pub(crate) names: u32,
    /// The L1 address that deposits and is paid.
    pub(crate) owner: [u64; 3],
    /// By key index, as many as were ever set.
    pub(crate) keys: Vec<Key>,
    /// Its place among the accounts that are to be liquidated, if it is one.
    pub(crate) due: Option<Box<Due>>,
    stamp: Stamp,
    owner_stamp: Stamp,
    due_stamp: Stamp,
}

/// A due account's place in the list of those, and what it is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// The account before it, 0: none.
    pub(crate) prev: u32,
    /// The account after it, 0: none.
    pub(crate) next: u32,
    /// Its value when it became due, micro-USDC.
    pub(crate) tav: i64,
    /// Its maintenance margin then, micro-USDC.
    pub(crate) mmr: u64,
}

/// A key of an account; all-zero limbs: none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Key {
    pub(crate) limbs: KeyLimbs,
    /// Highest nonce used.
    pub(crate) nonce: u64,
    pub(crate) stamp: Stamp,
}

/// A position of one account in one market.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Position {
    /// Lots, above 0 long.
    pub(crate) size: i64,
    /// Its resting orders in this market with ids that are not below `cleared`.
    pub(crate) open_orders: u32,
    /// Its orders in this market with lower ids are dead.
    pub(crate) cleared: u64,
    /// Own initial margin fraction, ppm; 0: the tier's.
    pub(crate) imf_ppm: u32,
    /// Cumulative funding at the last payment; 0 when there is no position.
    pub(crate) entry: i64,
    /// Its trigger, 10^-6 micro-USDC a lot; 0 in no list.
    pub(crate) trigger: i64,
    /// When it came into its list, by the engine's own count: of equal triggers the later stands
    /// later.
    pub(crate) seq: u64,
    /// The account before it in its list, 0: none.
    pub(crate) prev: u32,
    /// The account after it, 0: none.
    pub(crate) next: u32,
    /// 1 + 2 · tier + side; 0: in no list.
    pub(crate) list: u8,
    pub(crate) stamp: Stamp,
}

/// Places of accounts by their numbers, from a first number on.
type Pages = Vec<Option<Box<[u32; PAGE]>>>;

/// All accounts. Numbers are found through pages, as they are handed out densely: by the contract
/// from 1, by `create_account` from 2^31.
#[derive(Clone, Debug)]
pub(crate) struct Accounts {
    pages: [Pages; 2],
    table: Vec<Account>,
    /// `markets` positions for each account of the table.
    positions: Vec<Position>,
    /// What stands beside each of them, as far as any of it was ever written.
    standings: Vec<Standing>,
    /// Markets that the venue has, numbered from 0.
    markets: usize,
}

/// Which pages a number's page is among, and which one it is.
const fn page_of(number: u32) -> (usize, usize) {
    let first = schema::SUB_ACCOUNT_FIRST as u32;
    if number < first {
        (0, number as usize / PAGE)
    } else {
        (1, (number - first) as usize / PAGE)
    }
}

impl Accounts {
    pub(crate) const fn new(markets: usize) -> Self {
        Self {
            pages: [Vec::new(), Vec::new()],
            table: Vec::new(),
            positions: Vec::new(),
            standings: Vec::new(),
            markets,
        }
    }

    pub(crate) const fn markets(&self) -> usize {
        self.markets
    }

    /// The place of an account that was ever written.
    #[inline]
    pub(crate) fn find(&self, number: u32) -> Option<AccountIndex> {
        let (half, page) = page_of(number);
        let page = self.pages[half].get(page)?.as_ref()?;
        let at = page[number as usize % PAGE];
        (at != ABSENT).then_some(AccountIndex(at))
    }

    /// The place of an account, made if it has none.
    pub(crate) fn find_or_make(&mut self, number: u32) -> AccountIndex {
        if let Some(found) = self.find(number) {
            return found;
        }
        let (half, page) = page_of(number);
        let pages = &mut self.pages[half];
        if pages.len() <= page {
            pages.resize(page + 1, None);
        }
        let at = self.table.len() as u32;
        let page = pages[page].get_or_insert_with(|| Box::new([ABSENT; PAGE]));
        page[number as usize % PAGE] = at;
        self.table.push(Account {
            number,
            is_open: false,
            positions: 0,
            collateral: 0,
            mode: 0,
            master: 0,
            cleared: 0,
            deadline_ms: 0,
            names: 0,
            owner: [0; 3],
            keys: Vec::new(),
            due: None,
            stamp: Stamp::default(),
            owner_stamp: Stamp::default(),
            due_stamp: Stamp::default(),
        });
        let positions = self.positions.len() + self.markets;
        self.positions.resize(positions, Position::default());
        AccountIndex(at)
    }

    /// Every place that an account's leaves can be at.
    pub(crate) fn places(&self) -> impl Iterator<Item = address::Place> {
        use address::Place;
        self.table.iter().flat_map(|account| {
            let number = account.number;
            let keys = (0..account.keys.len() as u8).map(move |key| Place::Key(number, key));
            let positions = (0..self.markets as u8)
                .flat_map(move |m| [Place::Position(number, m), Place::Standing(number, m)]);
            [
                Place::Account(number),
                Place::Owner(number),
                Place::Due(number),
            ]
            .into_iter()
            .chain(keys)
            .chain(positions)
        })
    }

    /// Every account that was ever written, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (AccountIndex, &Account)> {
        self.table
            .iter()
            .enumerate()
            .map(|(at, account)| (AccountIndex(at as u32), account))
    }

    /// The accounts above this number that were ever written, ascending.
    pub(crate) fn above(&self, number: u32) -> impl Iterator<Item = AccountIndex> {
        let (half, page) = page_of(number);
        let start = page * PAGE + number as usize % PAGE + 1;
        (half..self.pages.len()).flat_map(move |now| {
            let start = if now == half { start } else { 0 };
            let pages = &self.pages[now];
            let mut page = start / PAGE;
            let mut at = start % PAGE;
            std::iter::from_fn(move || {
                while let Some(numbers) = pages.get(page) {
                    let rest = numbers.as_deref().map_or(&[][..], |numbers| &numbers[at..]);
                    if let Some(step) = rest.iter().position(|&place| place != ABSENT) {
                        let found = rest[step];
                        at += step + 1;
                        return Some(AccountIndex(found));
                    }
                    (page, at) = (page + 1, 0);
                }
                None
            })
        })
    }

    #[inline]
    pub(crate) fn get(&self, at: AccountIndex) -> &Account {
        &self.table[at.0 as usize]
    }

    /// A position in a market that exists.
    #[inline]
    pub(crate) fn position(&self, at: AccountIndex, market: u8) -> &Position {
        &self.positions[at.0 as usize * self.markets + market as usize]
    }

    /// An account about to be written.
    #[inline]
    pub(crate) fn account_mut(&mut self, journal: &mut Journal, at: AccountIndex) -> &mut Account {
        let account = &mut self.table[at.0 as usize];
        let mut stamp = account.stamp;
        let addr = address::account(account.number);
        journal.touch(&mut stamp, addr, || account.words());
        account.stamp = stamp;
        account
    }

    /// Sets the owner of an account.
    pub(crate) fn set_owner(&mut self, journal: &mut Journal, at: AccountIndex, owner: [u64; 3]) {
        let account = &mut self.table[at.0 as usize];
        let mut stamp = account.owner_stamp;
        let addr = address::owner(account.number);
        journal.touch(&mut stamp, addr, || owner_words(&account.owner));
        account.owner_stamp = stamp;
        account.owner = owner;
    }

    /// A key about to be written, made if it has none of its leaf yet.
    #[inline]
    pub(crate) fn key_mut(&mut self, journal: &mut Journal, at: AccountIndex, key: u8) -> &mut Key {
        let account = &mut self.table[at.0 as usize];
        if account.keys.len() <= key as usize {
            account.keys.resize(key as usize + 1, Key::default());
        }
        let addr = address::key(account.number, key);
        let key = &mut account.keys[key as usize];
        let mut stamp = key.stamp;
        journal.touch(&mut stamp, addr, || key.words());
        key.stamp = stamp;
        key
    }

    /// A position about to be written.
    #[inline]
    pub(crate) fn position_mut(
        &mut self,
        journal: &mut Journal,
        at: AccountIndex,
        market: u8,
    ) -> &mut Position {
        let addr = address::position(self.table[at.0 as usize].number, market);
        let position = &mut self.positions[at.0 as usize * self.markets + market as usize];
        let mut stamp = position.stamp;
        journal.touch(&mut stamp, addr, || position.words());
        position.stamp = stamp;
        position
    }

    /// What stands beside a position.
    #[inline]
    pub(crate) fn standing(&self, at: AccountIndex, market: u8) -> Standing {
        let place = at.0 as usize * self.markets + market as usize;
        self.standings.get(place).copied().unwrap_or_default()
    }

    fn standing_place(&mut self, at: AccountIndex, market: u8) -> &mut Standing {
        let place = at.0 as usize * self.markets + market as usize;
        if self.standings.len() <= place {
            self.standings.resize(place + 1, Standing::default());
        }
        &mut self.standings[place]
    }

    /// What stands beside a position, about to be written.
    pub(crate) fn standing_mut(
        &mut self,
        journal: &mut Journal,
        at: AccountIndex,
        market: u8,
    ) -> &mut Standing {
        let addr = address::standing(self.get(at).number, market);
        let standing = self.standing_place(at, market);
        let mut stamp = standing.stamp;
        journal.touch(&mut stamp, addr, || standing.words());
        standing.stamp = stamp;
        standing
    }

    /// Sets an account's place among the due ones.
    pub(crate) fn set_due(&mut self, journal: &mut Journal, at: AccountIndex, due: Option<Due>) {
        let account = &mut self.table[at.0 as usize];
        let mut stamp = account.due_stamp;
        let addr = address::due(account.number);
        journal.touch(&mut stamp, addr, || due_words(account.due.as_deref()));
        account.due_stamp = stamp;
        account.due = due.map(Box::new);
    }

    /// Sets a listed position's place by the engine's own count, which no leaf holds.
    pub(crate) fn set_seq(&mut self, at: AccountIndex, market: u8, seq: u64) {
        self.positions[at.0 as usize * self.markets + market as usize].seq = seq;
    }

    /// Opens the fund's account as a venue begins with it, without a trace in the journal.
    pub(crate) fn open_fund(&mut self, limbs: KeyLimbs) {
        let at = self.find_or_make(schema::FUND_ACCOUNT as u32);
        let account = &mut self.table[at.0 as usize];
        account.is_open = true;
        if limbs != [0; 5] {
            account.keys = vec![Key {
                limbs,
                ..Key::default()
            }];
        }
    }

    /// How many of an account's resting orders in a market count.
    #[inline]
    pub(crate) fn open_orders(&self, at: AccountIndex, market: u8) -> u32 {
        let position = self.position(at, market);
        if self.get(at).cleared > position.cleared {
            0
        } else {
            position.open_orders
        }
    }

    /// Counts an order that has come to rest.
    #[inline]
    pub(crate) fn count_rested(&mut self, journal: &mut Journal, at: AccountIndex, market: u8) {
        let open_orders = self.open_orders(at, market);
        let cleared = self.get(at).cleared;
        let position = self.position_mut(journal, at, market);
        position.open_orders = open_orders + 1;
        position.cleared = position.cleared.max(cleared);
    }

    /// Counts an order no longer that has left the book, if it was counted.
    #[inline]
    pub(crate) fn count_removed(
        &mut self,
        journal: &mut Journal,
        at: AccountIndex,
        market: u8,
        order_id: u64,
    ) {
        if order_id >= self.position(at, market).cleared {
            self.position_mut(journal, at, market).open_orders -= 1;
        }
    }

    /// The words of a leaf below `number`: zeros where nothing was written.
    pub(crate) fn words(&self, place: address::Place) -> LeafWords {
        use address::Place;
        let (Place::Account(number)
        | Place::Owner(number)
        | Place::Key(number, _)
        | Place::Due(number)
        | Place::Position(number, _)
        | Place::Standing(number, _)) = place
        else {
            return EMPTY;
        };
        let Some(at) = self.find(number) else {
            return EMPTY;
        };
        let account = self.get(at);
        match place {
            Place::Owner(_) => owner_words(&account.owner),
            Place::Due(_) => due_words(account.due.as_deref()),
            Place::Key(_, key) => account.keys.get(key as usize).map_or(EMPTY, Key::words),
            Place::Position(_, market) if (market as usize) < self.markets => {
                self.position(at, market).words()
            }
            Place::Standing(_, market) if (market as usize) < self.markets => {
                self.standing(at, market).words()
            }
            Place::Position(..) | Place::Standing(..) => EMPTY,
            _ => account.words(),
        }
    }

    /// Gives a leaf the content that `words` say, without a trace in the journal.
    pub(crate) fn load(
        &mut self,
        place: address::Place,
        words: &LeafWords,
    ) -> Result<(), FieldError> {
        use address::Place;
        match place {
            Place::Account(number) => {
                let at = self.find_or_make(number);
                self.table[at.0 as usize].load(words)
            }
            Place::Owner(number) => {
                let at = self.find_or_make(number);
                self.table[at.0 as usize].owner = owner_from_words(words)?;
                Ok(())
            }
            Place::Key(number, key) => {
                let at = self.find_or_make(number);
                let keys = &mut self.table[at.0 as usize].keys;
                if keys.len() <= key as usize {
                    keys.resize(key as usize + 1, Key::default());
                }
                let key = &mut keys[key as usize];
                let stamp = key.stamp;
                *key = Key {
                    stamp,
                    ..Key::from_words(words)?
                };
                Ok(())
            }
            Place::Due(number) => {
                let at = self.find_or_make(number);
                self.table[at.0 as usize].due = due_from_words(words)?.map(Box::new);
                Ok(())
            }
            Place::Position(number, market) if (market as usize) < self.markets => {
                let at = self.find_or_make(number);
                let place = at.0 as usize * self.markets + market as usize;
                let position = &mut self.positions[place];
                let (seq, stamp) = (position.seq, position.stamp);
                *position = Position {
                    seq,
                    stamp,
                    ..Position::from_words(words)?
                };
                Ok(())
            }
            Place::Standing(number, market) if (market as usize) < self.markets => {
                let at = self.find_or_make(number);
                let standing = self.standing_place(at, market);
                let stamp = standing.stamp;
                *standing = Standing {
                    stamp,
                    ..Standing::from_words(words)?
                };
                Ok(())
            }
            _ => Err(FieldError("market")),
        }
    }
}
