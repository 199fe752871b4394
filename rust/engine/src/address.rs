//! Where each leaf of the state lies (docs/spec/state.md § 1).

use zkperp_schema as schema;

/// The `clock` leaf.
pub const CLOCK: u64 = schema::SYSTEM_BASE + schema::CLOCK_INDEX;
/// The `money` leaf.
pub const MONEY: u64 = schema::SYSTEM_BASE + schema::MONEY_INDEX;
/// The `log` leaf.
pub const LOG: u64 = schema::SYSTEM_BASE + schema::LOG_INDEX;
/// The `config` leaf.
pub const CONFIG: u64 = schema::SYSTEM_BASE + schema::CONFIG_INDEX;

/// The `schedule` leaf.
pub const SCHEDULE: u64 = schema::SYSTEM_BASE + schema::SCHEDULE_INDEX;
/// The `risk` leaf.
pub const RISK: u64 = schema::SYSTEM_BASE + schema::RISK_INDEX;
/// The `deleveraging` leaf.
pub const DELEVERAGING: u64 = schema::SYSTEM_BASE + schema::DELEVERAGING_INDEX;
/// The `conditionals` leaf.
pub const CONDITIONALS: u64 = schema::SYSTEM_BASE + schema::CONDITIONALS_INDEX;

/// The leaf of oracle key `key`.
#[must_use]
pub const fn oracle_key(key: u8) -> u64 {
    schema::SYSTEM_BASE + schema::ORACLE_KEY_INDEX + key as u64
}

const fn in_market(market: u8, leaf: u64) -> u64 {
    schema::MARKET_BASE + schema::MARKET_STRIDE * market as u64 + leaf
}

/// The `market` leaf of a market.
#[must_use]
pub const fn market(market: u8) -> u64 {
    in_market(market, schema::MARKET_LEAF)
}

/// The leaf `part` of a market.
#[must_use]
pub const fn market_part(market: u8, part: MarketPart) -> u64 {
    in_market(market, part.leaf())
}

/// The leaf of a level slot.
#[must_use]
pub const fn level(slot: u32) -> u64 {
    schema::LEVEL_BASE + slot as u64
}

/// The leaf of an order slot.
#[must_use]
pub const fn order(slot: u32) -> u64 {
    schema::ORDER_BASE + slot as u64
}

/// The `conditional` leaf of a conditional order's slot.
#[must_use]
pub const fn conditional(slot: u32) -> u64 {
    schema::CONDITIONAL_BASE + schema::CONDITIONAL_STRIDE * slot as u64
}

/// The `terms` leaf of a conditional order's slot.
#[must_use]
pub const fn conditional_terms(slot: u32) -> u64 {
    conditional(slot) + 1
}

/// The leaf of a client id's low bits in a page.
#[must_use]
pub const fn client_order(page: u32, low: u16) -> u64 {
    schema::CLIENT_ORDER_BASE + ((page as u64) << schema::NAMES_LOW_BITS) + low as u64
}

const fn in_account(account: u32, leaf: u64) -> u64 {
    schema::ACCOUNT_BASE + schema::ACCOUNT_STRIDE * account as u64 + leaf
}

/// The `account` leaf of an account.
#[must_use]
pub const fn account(account: u32) -> u64 {
    in_account(account, schema::ACCOUNT_LEAF)
}

/// The `owner` leaf of an account.
#[must_use]
pub const fn owner(account: u32) -> u64 {
    in_account(account, schema::OWNER_LEAF)
}

/// The leaf of an account's key.
#[must_use]
pub const fn key(account: u32, key: u8) -> u64 {
    in_account(account, schema::KEY_LEAF + key as u64)
}

/// The `due` leaf of an account.
#[must_use]
pub const fn due(account: u32) -> u64 {
    in_account(account, schema::DUE_LEAF)
}

/// The leaf of an account's position in a market.
#[must_use]
pub const fn position(account: u32, market: u8) -> u64 {
    let leaf = schema::POSITION_LEAF + schema::POSITION_STRIDE * market as u64;
    in_account(account, leaf)
}

/// The `standing` leaf beside an account's position in a market.
#[must_use]
pub const fn standing(account: u32, market: u8) -> u64 {
    let leaf = schema::STANDING_LEAF + schema::POSITION_STRIDE * market as u64;
    in_account(account, leaf)
}

/// A leaf of a market's subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketPart {
    /// What every order reads.
    Terms,
    /// What fills change.
    Interest,
    /// Prices of the last tick.
    Mark,
    /// Premium and cumulative funding.
    Funding,
    /// Parameters of ticks and funding.
    Pricing,
    /// The last reports of four oracle keys.
    Report(u8),
    /// One margin tier.
    Margin(u8),
    /// Where a tier's trigger lists begin.
    Triggers(u8),
    /// Where the lists of conditional orders begin.
    Stops,
}

impl MarketPart {
    /// Leaves that a market can have.
    pub(crate) const COUNT: usize = 16;

    /// All of them, by ascending address.
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::Terms,
        Self::Interest,
        Self::Mark,
        Self::Funding,
        Self::Pricing,
        Self::Report(0),
        Self::Report(1),
        Self::Margin(0),
        Self::Margin(1),
        Self::Margin(2),
        Self::Margin(3),
        Self::Triggers(0),
        Self::Triggers(1),
        Self::Triggers(2),
        Self::Triggers(3),
        Self::Stops,
    ];

    /// Its place in [`ALL`](Self::ALL).
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Terms => 0,
            Self::Interest => 1,
            Self::Mark => 2,
            Self::Funding => 3,
            Self::Pricing => 4,
            Self::Report(group) => 5 + group as usize,
            Self::Margin(tier) => 7 + tier as usize,
            Self::Triggers(tier) => 11 + tier as usize,
            Self::Stops => 15,
        }
    }

    const fn leaf(self) -> u64 {
        match self {
            Self::Terms => schema::MARKET_LEAF,
            Self::Interest => schema::INTEREST_LEAF,
            Self::Mark => schema::MARK_LEAF,
            Self::Funding => schema::FUNDING_LEAF,
            Self::Pricing => schema::PRICING_LEAF,
            Self::Report(group) => schema::REPORT_LEAF + group as u64,
            Self::Margin(tier) => schema::MARGIN_LEAF + tier as u64,
            Self::Triggers(tier) => schema::TRIGGERS_LEAF + tier as u64,
            Self::Stops => schema::STOPS_LEAF,
        }
    }
}

/// What an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The `clock` leaf.
    Clock,
    /// The `money` leaf.
    Money,
    /// The `log` leaf.
    Log,
    /// The `config` leaf.
    Config,
    /// The `schedule` leaf.
    Schedule,
    /// The `risk` leaf.
    Risk,
    /// The `deleveraging` leaf.
    Deleveraging,
    /// The `conditionals` leaf.
    Conditionals,
    /// An oracle key.
    OracleKey(u8),
    /// A leaf of a market.
    Market(u8, MarketPart),
    /// A level slot.
    Level(u32),
    /// An order slot.
    Order(u32),
    /// Where the conditional order of a slot waits.
    Conditional(u32),
    /// What it places when it fires.
    ConditionalTerms(u32),
    /// What rests under client ids with these low bits: page, low bits.
    ClientOrder(u32, u16),
    /// An account.
    Account(u32),
    /// An account's owner.
    Owner(u32),
    /// A key of an account.
    Key(u32, u8),
    /// An account's `due` leaf.
    Due(u32),
    /// A position: account, market.
    Position(u32, u8),
    /// What stands beside it: account, market.
    Standing(u32, u8),
}

/// How far a `standing` leaf lies behind its position.
const STANDING: u64 = schema::STANDING_LEAF - schema::POSITION_LEAF;

/// The address minus `base`, if it lies in the region of `size` addresses from there.
const fn within(addr: u64, base: u64, size: u64) -> Option<u64> {
    if addr >= base && addr - base < size {
        Some(addr - base)
    } else {
        None
    }
}

impl Place {
    /// What `addr` names; `None` for a reserved address, which this rule book never writes.
    #[must_use]
    pub fn of(addr: u64) -> Option<Self> {
        match addr {
            CLOCK => return Some(Self::Clock),
            MONEY => return Some(Self::Money),
            LOG => return Some(Self::Log),
            CONFIG => return Some(Self::Config),
            SCHEDULE => return Some(Self::Schedule),
            RISK => return Some(Self::Risk),
            DELEVERAGING => return Some(Self::Deleveraging),
            CONDITIONALS => return Some(Self::Conditionals),
            _ => {}
        }
        if let Some(key) = within(addr, oracle_key(0), schema::ORACLE_KEYS_MAX) {
            return Some(Self::OracleKey(key as u8));
        }
        let markets = schema::MARKETS_MAX * schema::MARKET_STRIDE;
        if let Some(at) = within(addr, schema::MARKET_BASE, markets) {
            let leaf = at % schema::MARKET_STRIDE;
            let part = MarketPart::ALL.into_iter().find(|part| part.leaf() == leaf);
            return part.map(|part| Self::Market((at / schema::MARKET_STRIDE) as u8, part));
        }
        if let Some(slot) = within(addr, schema::LEVEL_BASE, schema::LEVEL_SLOTS_MAX) {
            return Some(Self::Level(slot as u32));
        }
        if let Some(slot) = within(addr, schema::ORDER_BASE, schema::ORDER_SLOTS_MAX) {
            return Some(Self::Order(slot as u32));
        }
        let conditionals = schema::CONDITIONAL_STRIDE * schema::CONDITIONAL_SLOTS_MAX;
        if let Some(at) = within(addr, schema::CONDITIONAL_BASE, conditionals) {
            let slot = (at / schema::CONDITIONAL_STRIDE) as u32;
            return Some(match at % schema::CONDITIONAL_STRIDE {
                0 => Self::Conditional(slot),
                _ => Self::ConditionalTerms(slot),
            });
        }
        let names = schema::NAMES_MAX << schema::NAMES_LOW_BITS;
        if let Some(at) = within(addr, schema::CLIENT_ORDER_BASE, names) {
            let low = at & ((1 << schema::NAMES_LOW_BITS) - 1);
            let page = at >> schema::NAMES_LOW_BITS;
            return Some(Self::ClientOrder(page as u32, low as u16));
        }
        let accounts = schema::ACCOUNT_STRIDE << schema::ACCOUNT_BITS;
        let at = within(addr, schema::ACCOUNT_BASE, accounts)?;
        Self::of_account(
            (at / schema::ACCOUNT_STRIDE) as u32,
            at % schema::ACCOUNT_STRIDE,
        )
    }

    fn of_account(account: u32, leaf: u64) -> Option<Self> {
        if leaf == schema::ACCOUNT_LEAF {
            return Some(Self::Account(account));
        }
        if leaf == schema::OWNER_LEAF {
            return Some(Self::Owner(account));
        }
        if let Some(key) = within(leaf, schema::KEY_LEAF, schema::KEYS_MAX) {
            return Some(Self::Key(account, key as u8));
        }
        if leaf == schema::DUE_LEAF {
            return Some(Self::Due(account));
        }
        let positions = schema::POSITION_STRIDE * schema::MARKETS_MAX;
        let at = within(leaf, schema::POSITION_LEAF, positions)?;
        let market = (at / schema::POSITION_STRIDE) as u8;
        match at % schema::POSITION_STRIDE {
            0 => Some(Self::Position(account, market)),
            STANDING => Some(Self::Standing(account, market)),
            _ => None,
        }
    }

    /// Its address.
    #[must_use]
    pub const fn addr(self) -> u64 {
        match self {
            Self::Clock => CLOCK,
            Self::Money => MONEY,
            Self::Log => LOG,
            Self::Config => CONFIG,
            Self::Schedule => SCHEDULE,
            Self::Risk => RISK,
            Self::Deleveraging => DELEVERAGING,
            Self::Conditionals => CONDITIONALS,
            Self::OracleKey(index) => oracle_key(index),
            Self::Market(index, part) => market_part(index, part),
            Self::Level(slot) => level(slot),
            Self::Order(slot) => order(slot),
            Self::Conditional(slot) => conditional(slot),
            Self::ConditionalTerms(slot) => conditional_terms(slot),
            Self::ClientOrder(page, low) => client_order(page, low),
            Self::Account(number) => account(number),
            Self::Owner(number) => owner(number),
            Self::Key(number, index) => key(number, index),
            Self::Due(number) => due(number),
            Self::Position(number, index) => position(number, index),
            Self::Standing(number, index) => standing(number, index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_at_its_own_address() {
        let places = [
            Place::Clock,
            Place::Money,
            Place::Log,
            Place::Config,
            Place::OracleKey(0),
            Place::Schedule,
            Place::Risk,
            Place::Deleveraging,
            Place::Conditionals,
            Place::Due(7),
            Place::OracleKey(7),
            Place::Level(0),
            Place::Level((1 << 24) - 1),
            Place::Order(1),
            Place::Order((1 << 24) - 1),
            Place::Conditional(0),
            Place::ConditionalTerms(1),
            Place::ConditionalTerms((1 << 24) - 1),
            Place::ClientOrder(0, 0),
            Place::ClientOrder((1 << 26) - 1, (1 << 12) - 1),
            Place::Account(u32::MAX),
            Place::Owner(7),
            Place::Key(7, 13),
            Place::Position(7, 0),
            Place::Position(u32::MAX, 31),
            Place::Standing(7, 0),
            Place::Standing(u32::MAX, 31),
        ];
        let parts = MarketPart::ALL.into_iter();
        let parts = parts.flat_map(|part| [0, 31].map(|market| Place::Market(market, part)));
        for place in places.into_iter().chain(parts) {
            assert_eq!(Place::of(place.addr()), Some(place));
        }
        for (at, part) in MarketPart::ALL.into_iter().enumerate() {
            assert_eq!(part.index(), at);
        }
    }

    #[test]
    fn reserved_addresses_name_nothing() {
        for addr in [
            8,
            15,
            24,
            market(0) + 5,
            market(0) + 10,
            market(0) + 20,
            market(0) + 29,
            market(31) + 63,
            (4 << 32) + (2 << 24),
            5 << 32,
            schema::CLIENT_ORDER_BASE - 1,
            account(1) + 17,
            account(1) + 63,
        ] {
            assert_eq!(Place::of(addr), None, "{addr}");
        }
        assert_eq!(Place::of(1 << 40), None);
    }
}
