//! Leaves from elsewhere: what is no state is refused with the place named.

use std::collections::BTreeMap;

use zkperp_engine::leaf::{LeafWords, from_signed};
use zkperp_engine::{
    BrokenInvariant, Domain, Engine, FieldError, MarketError, RestoreError, Side, State,
    VenueError, VenueParams, address,
};

use crate::desk::{Desk, MARK, gtt, market, venue};

/// The best ask's level slot in [`leaves`].
const ASK_LEVEL: u32 = 131;

type Leaves = BTreeMap<u64, LeafWords>;

/// Two bids at one price, one at another, an ask, a position, and a free slot of each kind.
fn leaves() -> Leaves {
    let mut desk = Desk::open();
    desk.placed(1, gtt(Side::Bid, MARK, 5));
    desk.placed(2, gtt(Side::Bid, MARK, 5));
    desk.placed(1, gtt(Side::Bid, MARK - 1, 5));
    let [gone, ..] = desk.placed(1, gtt(Side::Bid, MARK - 2, 5));
    desk.placed(2, gtt(Side::Ask, MARK + 1, 5));
    desk.placed(3, gtt(Side::Bid, MARK + 1, 2));
    desk.cancel(1, gone).unwrap();
    desk.placed(4, gtt(Side::Ask, MARK + 8, 1));
    desk.state.leaves().into_iter().collect()
}

fn restore(leaves: Leaves) -> Result<State, RestoreError> {
    State::from_leaves(venue().domain, leaves)
}

/// What is said when one felt of one leaf is `value`.
fn with(addr: u64, felt: usize, value: u64) -> RestoreError {
    let mut leaves = leaves();
    leaves.entry(addr).or_default()[felt] = value;
    match restore(leaves) {
        Ok(_) => panic!("leaf {addr} with felt {felt} = {value} is accepted"),
        Err(error) => error,
    }
}

#[test]
fn what_was_saved_comes_back() {
    let saved = leaves();
    let mut state = restore(saved.clone()).unwrap();
    assert_eq!(state.leaves().into_iter().collect::<Leaves>(), saved);
}

#[test]
fn no_single_felt_can_change_unseen_but_those_that_stand_for_themselves() {
    let saved = leaves();
    let mut accepted = Vec::new();
    for (&addr, words) in &saved {
        for (felt, word) in words.iter().enumerate() {
            let mut changed = saved.clone();
            changed.get_mut(&addr).unwrap()[felt] = word.wrapping_add(1);
            if restore(changed).is_ok() {
                accepted.push((addr, felt));
            }
        }
    }
    // Counters, times, the log chain, keys, owners, nonces, sizes and expiries of orders, parameters
    // of markets: nothing else in the state says what they must be.
    for (addr, felt) in accepted {
        let free = match address::Place::of(addr).unwrap() {
            address::Place::Clock => felt < 4,
            address::Place::Money => felt == 3,
            address::Place::Log => felt < 5,
            address::Place::Config => ![4, 5].contains(&felt),
            address::Place::Schedule => felt == 1,
            address::Place::OracleKey(_) => felt < 5,
            address::Place::Market(_, part) => match part {
                address::MarketPart::Interest => [1, 3].contains(&felt),
                address::MarketPart::Mark => [0, 3].contains(&felt),
                address::MarketPart::Margin(_) => (3..6).contains(&felt),
                _ => true,
            },
            address::Place::Order(_) => [0, 5, 6, 7].contains(&felt),
            address::Place::Owner(_) => felt < 3,
            address::Place::Key(..) => felt < 6,
            // A key two ticks up still sorts between its neighbours.
            address::Place::Level(_) => felt == 1,
            // When it last paid.
            address::Place::Position(..) => felt == 2,
            // The last order that rested under a client id, when it is gone.
            address::Place::ClientOrder(..) => felt < 4,
            // Orders with lower ids that are dead, and the deadline.
            address::Place::Account(_) => [5, 6].contains(&felt),
            // How often the position was closed or turned.
            address::Place::Standing(..) => felt == 1,
            // A market that somebody has yet to see is crossed no more; the orders: waiting.rs.
            address::Place::Conditionals => felt == 2,
            address::Place::Risk
            | address::Place::Deleveraging
            | address::Place::Conditional(_)
            | address::Place::ConditionalTerms(_)
            | address::Place::Due(_) => false,
        };
        assert!(free, "{addr} {felt}");
    }
}

#[test]
fn a_leaf_that_is_missing_is_missed() {
    let saved = leaves();
    for &addr in saved.keys() {
        let mut without = saved.clone();
        without.remove(&addr);
        let result = restore(without);
        let spare = match address::Place::of(addr).unwrap() {
            // Nothing but its own content hangs on these.
            address::Place::Key(..) | address::Place::Log | address::Place::Owner(_) => true,
            address::Place::Market(market, part) => match part {
                address::MarketPart::Funding | address::MarketPart::Report(_) => true,
                // Of the market in which nobody trades.
                address::MarketPart::Interest => market == 1,
                _ => false,
            },
            _ => false,
        };
        assert_eq!(result.is_ok(), spare, "{addr}: {:?}", result.err());
    }
}

#[test]
fn contradictions_are_named() {
    let conservation = with(address::MONEY, 0, 1);
    assert!(matches!(
        conservation,
        RestoreError::Invariant(BrokenInvariant::Conservation { custody: 1, .. })
    ));
    let sum = with(address::position(3, 0), 0, 3);
    let expected = BrokenInvariant::PositionSum { market: 0, sum: 1 };
    assert_eq!(sum, RestoreError::Invariant(expected));
    let count = with(address::position(1, 0), 1, 3);
    assert!(matches!(
        count,
        RestoreError::Invariant(BrokenInvariant::Account { account: 1, .. })
    ));
    // The one ask that rests, at the price of the best bid.
    let level = address::level(ASK_LEVEL);
    assert_eq!(leaves()[&level][..2], [2, MARK + 1]);
    let crossed = with(level, 1, MARK);
    assert_eq!(
        crossed,
        RestoreError::Invariant(BrokenInvariant::Crossed(0))
    );
    let reserved = with(address::market(0) + 5, 0, 1);
    assert_eq!(
        reserved,
        RestoreError::ReservedAddress(address::market(0) + 5)
    );
    let interest = with(address::market(0) + 1, 0, 5);
    assert!(matches!(
        interest,
        RestoreError::Invariant(BrokenInvariant::OpenInterest {
            market: 0,
            sum: 4,
            interest: 5
        })
    ));
    // A tier that has another mark or funding than its market.
    for felt in [1, 2, 6, 7] {
        let tier = with(address::market(0) + 16, felt, 3);
        assert!(matches!(tier, RestoreError::Field { .. }), "{felt}: {tier}");
    }
    let oracle = with(address::CONFIG, 4, 3);
    let missing = BrokenInvariant::Missing("oracle key of the bitmap, or a bit");
    assert_eq!(oracle, RestoreError::Invariant(missing));
    let mode = with(address::account(1), 3, 1);
    assert!(matches!(
        mode,
        RestoreError::Invariant(BrokenInvariant::Account { account: 1, .. })
    ));
    let band = with(address::market(1), 2, 2);
    assert!(matches!(
        band,
        RestoreError::Invariant(BrokenInvariant::Market { market: 1, .. })
    ));
    let high = with(address::CLOCK, 5, 1 << 24);
    assert!(matches!(high, RestoreError::Field { addr: 0, .. }));
    let debt = with(address::account(1), 1, from_signed(-(1 << 58)));
    assert!(matches!(debt, RestoreError::Field { .. }));
}

#[test]
fn addresses_ascend_and_nothing_is_no_state() {
    let mut unsorted: Vec<_> = leaves().into_iter().collect();
    unsorted.swap(1, 2);
    let result = State::from_leaves(venue().domain, unsorted.clone());
    assert!(matches!(result, Err(RestoreError::Unsorted(_))));
    let missing = RestoreError::Invariant(BrokenInvariant::Missing("clock"));
    assert_eq!(restore(Leaves::new()).err(), Some(missing));
}

#[test]
fn a_venue_s_parameters_are_checked() {
    let refused = |change: fn(&mut VenueParams), error| {
        let mut venue = venue();
        change(&mut venue);
        assert_eq!(Engine::genesis(&venue).err(), Some(error));
    };
    refused(|v| v.start_time_ms = 1 << 44, VenueError::StartTime);
    let range = |name| VenueError::Config(FieldError(name));
    refused(|v| v.staleness_ms = 0, range("staleness_ms"));
    refused(|v| v.staleness_ms = 1 << 30, range("staleness_ms"));
    refused(|v| v.tick_max_ms = 0, range("tick_max_ms"));
    refused(|v| v.quorum = 0, range("quorum"));
    refused(|v| v.quorum = 2, range("quorum"));
    refused(|v| v.deviation_ppm = 1_000_001, range("deviation_ppm"));
    refused(|v| v.basis_cap_ppm = 1_000_001, range("basis_cap_ppm"));
    refused(|v| v.basis_window_ms = 0, range("basis_window_ms"));
    refused(|v| v.oracle_keys.clear(), VenueError::OracleKeys(0));
    refused(
        |v| v.oracle_keys = vec![[1; 5]; 9],
        VenueError::OracleKeys(9),
    );
    refused(|v| v.oracle_keys[0] = [0; 5], VenueError::OracleKey(0));
    refused(|v| v.oracle_keys[0][4] = u64::MAX, VenueError::OracleKey(0));
    refused(
        |v| v.markets = vec![market(); 33],
        VenueError::TooManyMarkets(33),
    );
    let error = MarketError::Tiers;
    let market = 1;
    refused(
        |v| v.markets[1].tiers.clear(),
        VenueError::Market { market, error },
    );
    assert_eq!(Domain::new(1 << 53, &[0; 20]), None);
}
