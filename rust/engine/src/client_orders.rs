//! Orders by what their owners call them: pages of entries, one page for each account that ever
//! used a client id (docs/spec/orders.md § 4).

use zkperp_schema::{self as schema, Refusal, client_order as felt};

use crate::accounts::AccountIndex;
use crate::address::{self, Place};
use crate::journal::{Journal, Stamp};
use crate::leaf::{EMPTY, LeafWords};
use crate::level::{FieldError, narrow};
use crate::order::Order;
use crate::state::State;

/// Entries of a chunk: those of a page are made as they are used.
const CHUNK: usize = 64;
/// Chunks of a page.
const CHUNKS: usize = (1 << schema::NAMES_LOW_BITS) / CHUNK;

/// The last order of an account that rested under a client id with these low bits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ClientOrder {
    pub(crate) client_id: u64,
    /// 0: none ever did.
    pub(crate) order_id: u64,
    /// Where it rested.
    pub(crate) slot: u32,
    pub(crate) market: u8,
    stamp: Stamp,
}

/// The low bits of a client id, which choose its entry.
pub(crate) const fn low_bits(client_id: u64) -> u16 {
    (client_id & ((1 << schema::NAMES_LOW_BITS) - 1)) as u16
}

impl ClientOrder {
    pub(crate) const fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[felt::CLIENT_ID] = self.client_id;
        words[felt::ORDER_ID] = self.order_id;
        words[felt::SLOT] = self.slot as u64;
        words[felt::MARKET] = self.market as u64;
        words
    }

    fn from_words(words: &LeafWords) -> Result<Self, FieldError> {
        if words[felt::CLIENT_ID] > schema::CLIENT_ID_MAX {
            return Err(FieldError("client_id"));
        }
        if words[felt::ORDER_ID] > schema::ORDER_ID_MAX {
            return Err(FieldError("order_id"));
        }
        if words[4..] != [0; 4] {
            return Err(FieldError("reserved"));
        }
        Ok(Self {
            client_id: words[felt::CLIENT_ID],
            order_id: words[felt::ORDER_ID],
            slot: narrow(words, felt::SLOT, "slot")?,
            market: narrow(words, felt::MARKET, "market")?,
            stamp: Stamp::default(),
        })
    }
}

/// [`CHUNK`] entries, or nothing where none was ever written.
type Chunk = Option<Box<[ClientOrder; CHUNK]>>;

/// All pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientOrders {
    pages: Vec<Option<Box<[Chunk; CHUNKS]>>>,
}

impl ClientOrders {
    /// Makes the pages below this number, and drops the others.
    pub(crate) fn resize(&mut self, pages: u32) {
        self.pages.resize_with(pages as usize, || None);
    }

    /// An entry; of one never written all is 0.
    pub(crate) fn get(&self, page: u32, low: u16) -> ClientOrder {
        let (chunk, at) = (low as usize / CHUNK, low as usize % CHUNK);
        let page = self.pages.get(page as usize).and_then(Option::as_ref);
        let chunk = page.and_then(|chunks| chunks[chunk].as_ref());
        chunk.map_or_else(ClientOrder::default, |entries| entries[at])
    }

    /// The entry of a page that there is.
    fn place(&mut self, page: u32, low: u16) -> Result<&mut ClientOrder, FieldError> {
        let page = self.pages.get_mut(page as usize);
        let page = page.ok_or(FieldError("page of client ids"))?;
        let chunks = page.get_or_insert_with(|| Box::new([const { None }; CHUNKS]));
        let entries = chunks[low as usize / CHUNK]
            .get_or_insert_with(|| Box::new([ClientOrder::default(); CHUNK]));
        Ok(&mut entries[low as usize % CHUNK])
    }

    /// Writes an entry of a page that there is.
    fn set(&mut self, journal: &mut Journal, page: u32, new: ClientOrder) {
        let low = low_bits(new.client_id);
        let entry = self.place(page, low);
        let entry = entry.expect("Invariant: an account's page of client ids is none");
        let mut stamp = entry.stamp;
        let addr = address::client_order(page, low);
        journal.touch(&mut stamp, addr, || entry.words());
        *entry = ClientOrder { stamp, ..new };
    }

    /// Gives an entry the content that `words` say, without a trace in the journal.
    pub(crate) fn load(
        &mut self,
        page: u32,
        low: u16,
        words: &LeafWords,
    ) -> Result<(), FieldError> {
        let new = ClientOrder::from_words(words)?;
        let entry = self.place(page, low)?;
        let stamp = entry.stamp;
        *entry = ClientOrder { stamp, ..new };
        Ok(())
    }

    /// Every entry that may have been written: page, low bits and what it is.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (u32, u16, &ClientOrder)> {
        let pages = (0_u32..).zip(&self.pages);
        let pages = pages.filter_map(|(page, chunks)| Some((page, chunks.as_ref()?)));
        pages.flat_map(|(page, chunks)| {
            let chunks = chunks.iter().enumerate();
            let chunks = chunks.filter_map(|(chunk, entries)| Some((chunk, entries.as_ref()?)));
            chunks.flat_map(move |(chunk, entries)| {
                let entries = entries.iter().enumerate();
                entries.map(move |(at, entry)| (page, (chunk * CHUNK + at) as u16, entry))
            })
        })
    }

    /// Every place that an entry can be at.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        self.entries()
            .map(|(page, low, _)| Place::ClientOrder(page, low))
    }
}

impl State {
    /// The entry of a client id in its account's page.
    fn client_order(&self, at: AccountIndex, client_id: u64) -> ClientOrder {
        match self.accounts.get(at).names.checked_sub(1) {
            Some(page) => self.client_orders.get(page, low_bits(client_id)),
            None => ClientOrder::default(),
        }
    }

    /// The order of an entry, if it still rests.
    pub(crate) fn present(&self, entry: &ClientOrder) -> Option<&Order> {
        let order = self.books.orders.get(entry.slot as usize);
        order.filter(|order| order.is_live() && order.id == entry.order_id)
    }

    /// The entry of the order that rests under this very client id.
    pub(crate) fn find_named(&self, at: AccountIndex, client_id: u64) -> Option<ClientOrder> {
        let entry = self.client_order(at, client_id);
        let is_named = client_id != 0 && entry.client_id == client_id;
        (is_named && self.present(&entry).is_some()).then_some(entry)
    }

    /// Refuses a client id that is in use, and the first one of an account for which no page is
    /// left if the order `may_rest`.
    pub(crate) fn check_client_id(
        &self,
        at: AccountIndex,
        client_id: u64,
        may_rest: bool,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        if client_id == 0 {
            return Ok(());
        }
        let entry = self.client_order(at, client_id);
        let order = self.present(&entry);
        if order.is_some_and(|order| self.gone(order, entry.market, now_ms).is_none()) {
            return Err(Refusal::ClientIdUsed);
        }
        let is_first = self.accounts.get(at).names == 0;
        if may_rest && is_first && u64::from(self.schedule.next_names) == schema::NAMES_MAX {
            return Err(Refusal::ClientIdsUsedUp);
        }
        Ok(())
    }

    /// Enters an order that has come to rest under a client id; the account's first one gives it a
    /// page.
    pub(crate) fn name_order(&mut self, slot: u32, market: u8) {
        let order = *self.books.order(slot);
        let client_id = order.flags.client_id();
        if client_id == 0 {
            return;
        }
        let at = order.owner;
        if self.accounts.get(at).names == 0 {
            let schedule = self.schedule_mut();
            schedule.next_names += 1;
            let names = schedule.next_names;
            self.client_orders.resize(names);
            self.accounts.account_mut(&mut self.journal, at).names = names;
        }
        let page = self.accounts.get(at).names - 1;
        let entry = ClientOrder {
            client_id,
            order_id: order.id,
            slot,
            market,
            stamp: Stamp::default(),
        };
        self.client_orders.set(&mut self.journal, page, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_gives_the_entry_back_and_bounds_hold() {
        let words = [(1 << 48) - 1, (1 << 48) - 1, (1 << 24) - 1, 31, 0, 0, 0, 0];
        assert_eq!(
            ClientOrder::from_words(&words).map(|entry| entry.words()),
            Ok(words)
        );
        for (at, value, name) in [
            (felt::CLIENT_ID, 1 << 48, "client_id"),
            (felt::ORDER_ID, 1 << 48, "order_id"),
            (felt::SLOT, 1 << 32, "slot"),
            (felt::MARKET, 256, "market"),
            (4, 1, "reserved"),
        ] {
            let mut wrong = words;
            wrong[at] = value;
            assert_eq!(
                ClientOrder::from_words(&wrong).err(),
                Some(FieldError(name))
            );
        }
    }

    #[test]
    fn a_page_that_is_none_holds_nothing() {
        let mut pages = ClientOrders::default();
        assert!(pages.load(0, 0, &EMPTY).is_err());
        pages.resize(2);
        let words = [4097, 7, 3, 1, 0, 0, 0, 0];
        pages.load(1, 1, &words).unwrap();
        assert_eq!(pages.get(1, 1).words(), words);
        assert_eq!(pages.get(1, 2).words(), EMPTY);
        assert_eq!(pages.get(0, 1).words(), EMPTY);
        assert_eq!(pages.get(9, 1).words(), EMPTY);
        assert_eq!(pages.places().count(), CHUNK);
        pages.resize(1);
        assert_eq!(pages.places().count(), 0);
    }
}
