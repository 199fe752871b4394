//! Conditional orders that come, wait and go: docs/spec/conditional.md § 1 to § 3.

use zkperp_engine::{
    Command, Condition, Conditional, Direction, Event, FirstStop, MarketParams, Neighbours,
    Options, OrderType, Refusal, Side, State, address,
};

use crate::desk::{Desk, MARK, Result, START_MS, deposit, gtt, market, taking, venue, venue_of};

const IOC: OrderType = OrderType::Ioc;
/// Long after every test.
pub(crate) const EXPIRY_MS: u64 = START_MS + 1_000_000_000;

/// A stop of market 0 that sells or buys at any price.
pub(crate) fn stop(side: Side, trigger_ticks: u64, lots: u64) -> Conditional {
    Conditional {
        market: 0,
        side,
        order_type: IOC,
        price_ticks: match side {
            Side::Bid => 2 * MARK,
            Side::Ask => 1,
        },
        lots,
        options: Options::NONE,
        expiry_ms: EXPIRY_MS,
        trigger_ticks,
        condition: Condition::Stop,
        partner: 0,
    }
}

pub(crate) fn take_profit(side: Side, trigger_ticks: u64, lots: u64) -> Conditional {
    Conditional {
        condition: Condition::TakeProfit,
        ..stop(side, trigger_ticks, lots)
    }
}

/// One that only reduces.
pub(crate) fn closing(order: Conditional) -> Conditional {
    let options = Options {
        reduce_only: true,
        ..order.options
    };
    Conditional { options, ..order }
}

pub(crate) fn partner_of(partner: u64, order: Conditional) -> Conditional {
    Conditional { partner, ..order }
}

impl Desk {
    pub(crate) fn wait(&mut self, account: u32, order: Conditional) -> Result {
        self.user(self.sender(account).place_conditional(order))
    }

    /// Lets an order wait that must be accepted; its id.
    pub(crate) fn waits(&mut self, account: u32, order: Conditional) -> u64 {
        let outcome = self.wait(account, order).unwrap();
        let [code, id, _, lots] = outcome.0;
        assert_eq!((code, lots), (0, order.lots));
        id
    }

    pub(crate) fn give_up(&mut self, account: u32, order_id: u64) -> Result {
        self.user(self.sender(account).cancel_conditional(order_id))
    }
}

/// Account 1 has bought so many lots of account 2 in market 0.
pub(crate) fn long(lots: u64) -> Desk {
    let mut desk = Desk::open();
    buy(&mut desk, 1, 2, lots);
    desk
}

/// One account buys of another at the mark.
pub(crate) fn buy(desk: &mut Desk, account: u32, from: u32, lots: u64) {
    desk.placed(from, gtt(Side::Ask, MARK, lots));
    desk.placed(account, taking(IOC, Side::Bid, MARK, lots));
}

/// Tenure, count and threshold of an account's standing in market 0.
pub(crate) fn standing(desk: &mut Desk, account: u32) -> [u64; 3] {
    let [_, tenure, waiting, ..] = desk.state.leaf(address::standing(account, 0));
    [tenure, waiting % 512, waiting / 512]
}

fn heads(desk: &Desk) -> [(u32, u64); 2] {
    let stops = desk.state.market(0).unwrap().stops;
    [stops.rising, stops.falling].map(|FirstStop { slot, key }| (slot, key))
}

#[test]
fn lists_ascend_by_key_and_of_equal_keys_the_later_stands_later() {
    let mut desk = long(10);
    let [first, ..] = [desk.state.next_order_id()];
    // Slots 1 to 4; falling keys are 2^32 minus the trigger.
    desk.waits(1, stop(Side::Ask, MARK - 10, 1));
    assert_eq!(
        desk.effects.advice.inserted,
        [Neighbours { prev: 0, next: 0 }]
    );
    desk.waits(1, stop(Side::Ask, MARK - 20, 1));
    desk.waits(2, take_profit(Side::Bid, MARK - 10, 1));
    let between = Neighbours { prev: 1, next: 2 };
    assert_eq!(desk.effects.advice.inserted, [between]);
    desk.waits(1, stop(Side::Ask, MARK - 1, 1));
    let front = Neighbours { prev: 0, next: 1 };
    assert_eq!(desk.effects.advice.inserted, [front]);
    let key = (1 << 32) - MARK;
    assert_eq!(heads(&desk), [(0, 0), (4, key + 1)]);
    let leaf = desk.state.leaf(address::conditional(3));
    assert_eq!(leaf, [first + 2, 2, 2, key + 10, 1, 2, 0, 0]);
    let terms = desk.state.leaf(address::conditional_terms(3));
    assert_eq!(terms, [1, 2 * MARK, 1, EXPIRY_MS, 0, 0, 0, 0]);
    assert_eq!(
        desk.state.leaf(address::CONDITIONALS),
        [0, 5, 0, 0, 0, 0, 0, 0]
    );
    // A rising one of the other market has a list of its own.
    let elsewhere = Conditional {
        market: 1,
        ..stop(Side::Bid, MARK + 5, 1)
    };
    desk.waits(3, elsewhere);
    assert_eq!(desk.state.leaf(address::conditional(5))[2], 3);
    let stops = desk.state.market(1).unwrap().stops;
    assert_eq!((stops.rising.slot, stops.rising.key), (5, MARK + 5));
    assert_eq!(standing(&mut desk, 1), [0, 3, 0]);
    // A slot that is free again comes first, and the list closes.
    desk.give_up(1, first).unwrap();
    assert_eq!(desk.effects.advice.named_order, Some(1));
    let leaf = desk.state.leaf(address::conditional(3));
    assert_eq!(leaf[4..6], [4, 2]);
    desk.waits(1, stop(Side::Bid, MARK + 1, 1));
    assert_eq!(heads(&desk), [(1, MARK + 1), (4, key + 1)]);
}

#[test]
fn what_waits_is_said_by_event_outcome_record_and_view() {
    let mut desk = long(10);
    let order = closing(Conditional {
        order_type: OrderType::Gtt,
        price_ticks: MARK - 30,
        ..stop(Side::Ask, MARK - 20, 0)
    });
    let id = desk.waits(1, order);
    let placed = Event::ConditionalPlaced {
        order_id: id,
        account: 1,
        market: 0,
        side: Side::Ask,
        order_type: OrderType::Gtt,
        trigger: MARK - 20,
        direction: Direction::Falling,
        price: MARK - 30,
        lots: 0,
        partner: 0,
    };
    assert_eq!(desk.effects.events, [placed]);
    assert_eq!(desk.effects.record.words().len(), 6);
    let pair = desk.waits(
        1,
        partner_of(id, closing(take_profit(Side::Ask, MARK + 20, 3))),
    );
    assert_eq!(desk.effects.advice.named_order, Some(1));
    let view = desk.state.account(1).unwrap();
    assert_eq!((view.waiting.len(), view.dead_waiting), (2, 0));
    let shown = view.waiting[0];
    assert_eq!((shown.order_id, shown.partner), (id, pair));
    assert_eq!(shown.trigger_ticks, MARK - 20);
    assert_eq!(desk.state.waiting_order(pair).unwrap().partner, id);
    assert_eq!(desk.state.waiting_orders(), 2);
    // It is neither in the book nor to be found by what concerns the book.
    assert_eq!(desk.cancel(1, id), Err(Refusal::UnknownOrder));
    assert_eq!(desk.amend(1, id, MARK, 1), Err(Refusal::UnknownOrder));
    // Without its partner an order waits on alone.
    assert_eq!(desk.give_up(1, pair).unwrap().0, [0, pair, 0, 3]);
    let removed = Event::ConditionalRemoved {
        order_id: pair,
        account: 1,
        market: 0,
        reason: zkperp_engine::RemovalReason::Cancelled,
    };
    assert_eq!(desk.effects.events, [removed]);
    assert_eq!(desk.effects.record.words().len(), 2);
    assert_eq!(desk.state.waiting_order(id).unwrap().partner, 0);
    assert_eq!(desk.give_up(1, id).unwrap().0, [0, id, 0, 0]);
    assert_eq!(heads(&desk), [(0, 0), (0, 0)]);
    assert_eq!(desk.give_up(1, id), Err(Refusal::UnknownOrder));
}

#[test]
fn each_check_of_place_conditional_has_its_code_and_place_in_the_order() {
    let mut desk = long(10);
    let price_max = market().price_max;
    // Each fails the check that is named, and every later one that it can.
    let wrong = Conditional {
        market: 2,
        price_ticks: 0,
        lots: 0,
        expiry_ms: desk.now_ms,
        trigger_ticks: 0,
        partner: 99,
        ..stop(Side::Bid, 0, 0)
    };
    let refused = |desk: &mut Desk, order| desk.wait(1, order).unwrap_err();
    assert_eq!(refused(&mut desk, wrong), Refusal::UnknownMarket);
    let mut order = Conditional { market: 0, ..wrong };
    for price_ticks in [0, price_max + 1] {
        let order = Conditional {
            price_ticks,
            ..order
        };
        assert_eq!(refused(&mut desk, order), Refusal::BadPrice);
    }
    order.price_ticks = price_max;
    for lots in [0, market().lots_max + 1] {
        let order = Conditional { lots, ..order };
        assert_eq!(refused(&mut desk, order), Refusal::BadLots);
    }
    order = closing(order);
    assert_eq!(refused(&mut desk, order), Refusal::BadExpiry);
    order.expiry_ms += 1;
    for trigger_ticks in [0, price_max + 1, MARK, MARK - 1] {
        let order = Conditional {
            trigger_ticks,
            ..order
        };
        assert_eq!(refused(&mut desk, order), Refusal::BadTrigger);
    }
    order.trigger_ticks = MARK + 1;
    assert_eq!(refused(&mut desk, order), Refusal::WouldNotReduce);
    // A seller's stop falls: from below the mark on it is fine.
    order.side = Side::Ask;
    assert_eq!(refused(&mut desk, order), Refusal::BadTrigger);
    order.trigger_ticks = MARK;
    assert_eq!(refused(&mut desk, order), Refusal::BadTrigger);
    order.trigger_ticks = MARK - 1;
    assert_eq!(refused(&mut desk, order), Refusal::UnknownOrder);
    order.partner = 0;
    desk.waits(1, order);
    // Without a position nothing reduces.
    assert_eq!(desk.wait(3, order), Err(Refusal::WouldNotReduce));
}

#[test]
fn small_lots_are_for_those_that_reduce() {
    let least = MarketParams {
        lots_min: 5,
        ..market()
    };
    let mut desk = Desk::open_at(&venue_of(vec![least]));
    buy(&mut desk, 1, 2, 10);
    let order = stop(Side::Ask, MARK - 1, 4);
    assert_eq!(desk.wait(1, order), Err(Refusal::BadLots));
    desk.waits(1, closing(order));
    desk.waits(1, stop(Side::Ask, MARK - 1, 5));
}

#[test]
fn before_the_first_tick_nothing_waits() {
    let mut desk = Desk::bare();
    desk.request(deposit(1, 1_000_000)).unwrap();
    let order = stop(Side::Bid, 5, 1);
    assert_eq!(desk.wait(1, order), Err(Refusal::NoPrice));
}

#[test]
fn when_ids_are_used_up_nothing_waits_any_more() {
    let mut desk = long(10);
    let mut clock = desk.state.leaf(address::CLOCK);
    clock[2] = (1 << 48) - 1;
    let mut desk = desk.with_leaves(&[(address::CLOCK, clock)]);
    // Ids come before what would reduce and before partners.
    let order = partner_of(7, closing(stop(Side::Bid, MARK + 1, 1)));
    assert_eq!(desk.wait(1, order), Err(Refusal::OrderIdsUsedUp));
}

#[test]
fn sixty_four_wait_and_those_that_were_cleared_do_not_count() {
    let mut desk = long(10);
    let order = stop(Side::Bid, MARK + 1, 1);
    let first = desk.waits(1, order);
    (1..64).for_each(|_| {
        desk.waits(1, order);
    });
    assert_eq!(desk.wait(1, order), Err(Refusal::TooManyConditionals));
    let elsewhere = Conditional { market: 1, ..order };
    desk.waits(1, elsewhere);
    desk.waits(2, order);
    desk.give_up(1, first).unwrap();
    let last = desk.waits(1, order);
    assert_eq!(desk.wait(1, order), Err(Refusal::TooManyConditionals));
    desk.cancel_all(1, Some(0)).unwrap();
    assert_eq!(standing(&mut desk, 1), [0, 64, 0]);
    let view = desk.state.account(1).unwrap();
    assert_eq!((view.waiting.len(), view.dead_waiting), (1, 64));
    let cleared = desk.state.next_order_id();
    let new = desk.waits(1, order);
    assert_eq!(standing(&mut desk, 1), [0, 1, cleared]);
    // One that was cleared may be given up, and was not counted.
    desk.give_up(1, last).unwrap();
    assert_eq!(standing(&mut desk, 1), [0, 1, cleared]);
    desk.give_up(1, new).unwrap();
    assert_eq!(standing(&mut desk, 1), [0, 0, cleared]);
    // All of the account's are cleared likewise.
    desk.waits(1, order);
    desk.cancel_all(1, None).unwrap();
    let cleared = desk.state.next_order_id();
    desk.waits(1, order);
    assert_eq!(standing(&mut desk, 1), [0, 1, cleared]);
}

#[test]
fn partners_are_two_sides_of_one_way_out() {
    let mut desk = long(10);
    buy(&mut desk, 3, 2, 5);
    let wrong = Err(Refusal::BadPartner);
    let id = desk.waits(1, closing(stop(Side::Ask, MARK - 5, 0)));
    let order = partner_of(id, closing(take_profit(Side::Ask, MARK + 5, 0)));
    assert_eq!(desk.wait(3, order), Err(Refusal::NotOwner));
    // Both fall.
    let both = partner_of(id, closing(stop(Side::Ask, MARK - 6, 0)));
    assert_eq!(desk.wait(1, both), wrong);
    // This one, or the other, does not only reduce.
    let open = partner_of(id, take_profit(Side::Ask, MARK + 5, 1));
    assert_eq!(desk.wait(1, open), wrong);
    let free = desk.waits(1, stop(Side::Ask, MARK - 5, 1));
    assert_eq!(desk.wait(1, partner_of(free, order)), wrong);
    desk.waits(1, order);
    // It has a partner already.
    assert_eq!(desk.wait(1, order), wrong);
    // Another market; another side, of an account that has turned.
    let id = desk.waits(1, closing(stop(Side::Ask, MARK - 5, 0)));
    let order = Conditional { market: 1, ..order };
    let mut there = gtt(Side::Ask, MARK, 5);
    there.market = 1;
    desk.placed(2, there);
    there.side = Side::Bid;
    desk.placed(1, there);
    assert_eq!(desk.wait(1, partner_of(id, order)), wrong);
    desk.placed(4, gtt(Side::Bid, MARK, 20));
    desk.placed(1, taking(IOC, Side::Ask, MARK, 20));
    let short = closing(stop(Side::Bid, MARK + 5, 0));
    assert_eq!(desk.wait(1, partner_of(id, short)), wrong);
}

#[test]
fn who_gives_up_an_order_has_to_own_it() {
    let mut desk = long(10);
    let id = desk.waits(1, stop(Side::Bid, MARK + 1, 1));
    assert_eq!(desk.give_up(2, id), Err(Refusal::NotOwner));
    assert_eq!(desk.give_up(1, id + 1), Err(Refusal::UnknownOrder));
    assert_eq!(desk.give_up(1, 0), Err(Refusal::UnknownOrder));
    let [resting, ..] = desk.placed(1, gtt(Side::Bid, 1, 1));
    assert_eq!(desk.give_up(1, resting), Err(Refusal::UnknownOrder));
}

#[test]
fn placing_fires_a_deadline_that_has_passed_and_a_refusal_takes_it_back() {
    let mut desk = long(10);
    let id = desk.waits(1, stop(Side::Bid, MARK + 1, 1));
    desk.set_deadline(1, desk.now_ms + 5).unwrap();
    desk.later(5);
    assert_eq!(desk.state.account(1).unwrap().waiting, []);
    let wrong = stop(Side::Bid, MARK, 1);
    assert_eq!(desk.wait(1, wrong), Err(Refusal::BadTrigger));
    assert_ne!(desk.state.leaf(address::account(1))[6], 0);
    let new = desk.waits(1, stop(Side::Bid, MARK + 1, 1));
    assert!(matches!(
        desk.effects.events[..],
        [Event::OrdersCleared { .. }, Event::ConditionalPlaced { .. }]
    ));
    assert_eq!(standing(&mut desk, 1), [0, 1, id + 1]);
    let view = desk.state.account(1).unwrap();
    assert_eq!(view.waiting.len(), 1);
    assert_eq!((view.waiting[0].order_id, view.dead_waiting), (new, 1));
}

#[test]
fn waiting_orders_come_back_from_leaves_and_by_rollback() {
    let mut desk = long(10);
    let first = desk.waits(1, closing(stop(Side::Ask, MARK - 5, 0)));
    let second = desk.waits(2, stop(Side::Bid, MARK + 5, 3));
    let _ = desk.state.seal();
    let sealed = desk.state.leaves();
    desk.waits(
        1,
        partner_of(first, closing(take_profit(Side::Ask, MARK + 5, 0))),
    );
    desk.give_up(2, second).unwrap();
    desk.waits(3, stop(Side::Bid, MARK + 6, 1));
    desk.waits(4, stop(Side::Bid, MARK + 4, 1));
    let after = desk.state.leaves();
    let again = State::from_leaves(venue().domain, after).unwrap();
    assert_eq!(again.waiting_order(first), desk.state.waiting_order(first));
    desk.state.rollback();
    assert_eq!(desk.state.leaves(), sealed);
    desk.state.check().unwrap();
    assert_eq!(desk.state.waiting_orders(), 2);
    // What follows finds its place as before.
    desk.give_up(2, second).unwrap();
    desk.waits(4, stop(Side::Bid, MARK + 4, 1));
    assert_eq!(heads(&desk)[0], (2, MARK + 4));
}

#[test]
fn leaves_that_contradict_each_other_are_no_state() {
    let mut desk = long(10);
    let id = desk.waits(1, closing(stop(Side::Ask, MARK - 5, 0)));
    desk.waits(
        1,
        partner_of(id, closing(take_profit(Side::Ask, MARK + 5, 0))),
    );
    desk.waits(2, stop(Side::Bid, MARK + 6, 3));
    desk.give_up(2, id + 2).unwrap();
    let leaves = desk.state.leaves();
    let standing = address::standing(1, 0);
    for (addr, at, value) in [
        (address::CONDITIONALS, 0, 1),   // a slot that is used is free
        (address::CONDITIONALS, 1, 3),   // a slot above the high mark
        (address::CONDITIONALS, 1, 6),   // slots that nothing accounts for
        (address::CONDITIONALS, 2, 4),   // a market that is not
        (address::conditional(0), 5, 1), // the slot that is none
        (address::conditional_terms(0), 1, 1),
        (address::order(0), 4, 1),
        (address::conditional(1), 0, id + 1),  // one id twice
        (address::conditional(1), 0, id + 9),  // an id that was not given yet
        (address::conditional(1), 1, 2),       // another's, and so another's partner
        (address::conditional(1), 2, 1),       // the other list
        (address::conditional(1), 3, 7),       // another key
        (address::conditional(1), 4, 2),       // linked back to somebody
        (address::conditional(1), 6, 0),       // its partner's partner is another
        (address::conditional(1), 6, 3),       // a free slot for a partner
        (address::conditional(1), 7, 1),       // a tenure that has yet to come
        (address::conditional(3), 3, 1),       // a free slot that holds something
        (address::conditional_terms(1), 0, 1), // the other side than its partner
        (address::conditional_terms(1), 1, 1 << 25), // a price above the greatest
        (address::conditional_terms(1), 2, 0), // tied, but not reduce-only
        (address::conditional_terms(1), 3, 0), // no expiry
        (standing, 2, 1),                      // one counted of two
        (standing, 2, 2 + (9 << 9)),           // cleared further than its orders
    ] {
        let mut wrong: std::collections::BTreeMap<_, _> = leaves.iter().copied().collect();
        wrong.entry(addr).or_insert([0; 8])[at] = value;
        let restored = State::from_leaves(venue().domain, wrong);
        assert!(restored.is_err(), "{addr} {at} {value}");
    }
    let without = leaves
        .iter()
        .filter(|(addr, _)| *addr != address::CONDITIONALS);
    assert!(State::from_leaves(venue().domain, without.copied()).is_err());
    assert_eq!(
        desk.command(Command::Trigger),
        Err(Refusal::NothingTriggered)
    );
}
