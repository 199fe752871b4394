//! An order that meets one of its own: docs/spec/matching.md § 1 c.

use zkperp_engine::{AccountType, Event, Options, OrderType, Place, SelfTrade, Side};

use crate::desk::{Desk, MARK, gtt, taking};

const IOC: OrderType = OrderType::Ioc;
const SELF_TRADE: u8 = 3;
const STOPPED: u16 = 3013;

fn with(stp: SelfTrade, order: Place) -> Place {
    let options = Options {
        stp,
        ..order.options
    };
    Place { options, ..order }
}

/// Account 1 sells 5 lots before account 2 does.
fn desk() -> (Desk, u64, u64) {
    let mut desk = Desk::open();
    let [own, ..] = desk.placed(1, gtt(Side::Ask, MARK, 5));
    let [other, ..] = desk.placed(2, gtt(Side::Ask, MARK, 5));
    (desk, own, other)
}

#[test]
fn cancel_maker_goes_on_without_it() {
    let (mut desk, own, other) = desk();
    let order = with(SelfTrade::CancelMaker, taking(IOC, Side::Bid, MARK, 7));
    let [_, filled, _] = desk.placed(1, order);
    assert_eq!((filled, desk.removed()), (5, vec![(own, SELF_TRADE)]));
    assert_eq!(desk.trades(), [(other, MARK, 5)]);
    assert_eq!(desk.stopped(), Some((2, 0)));
}

#[test]
fn cancel_taker_stops_before_it() {
    let (mut desk, own, _) = desk();
    let order = with(SelfTrade::CancelTaker, gtt(Side::Bid, MARK, 7));
    let [_, filled, resting] = desk.placed(1, order);
    assert_eq!((filled, resting, desk.removed()), (0, 0, vec![]));
    assert_eq!(desk.stopped(), Some((7, STOPPED)));
    assert!(desk.state.resting_order(own).is_some());
}

#[test]
fn cancel_both_leaves_neither() {
    let (mut desk, own, other) = desk();
    let order = with(SelfTrade::CancelBoth, gtt(Side::Bid, MARK, 7));
    desk.placed(1, order);
    assert_eq!(desk.removed(), [(own, SELF_TRADE)]);
    assert_eq!(desk.stopped(), Some((7, STOPPED)));
    assert!(desk.state.resting_order(other).is_some());
}

#[test]
fn decrement_takes_the_smaller_size_off_both() {
    let (mut desk, own, other) = desk();
    let order = with(SelfTrade::Decrement, gtt(Side::Bid, MARK, 7));
    let [_, filled, _] = desk.placed(1, order);
    // 5 lots vanish on both sides, without a trade.
    assert_eq!((filled, desk.trades()), (2, vec![(other, MARK, 2)]));
    assert!(matches!(
        desk.effects.events[0],
        Event::OrderRemoved { order_id, lots: 0, .. } if order_id == own
    ));
    assert_eq!(desk.stopped(), None);
    let [more, ..] = desk.placed(1, gtt(Side::Ask, MARK - 1, 9));
    let order = with(SelfTrade::Decrement, taking(IOC, Side::Bid, MARK, 4));
    let [_, filled, _] = desk.placed(1, order);
    let reduced = Event::OrderReduced {
        order_id: more,
        account: 1,
        market: 0,
        lots: 5,
        client_id: 0,
    };
    assert_eq!((filled, &desk.effects.events[..]), (0, &[reduced][..]));
    assert_eq!(desk.state.position_lots(1, 0), 2);
}

#[test]
fn a_fok_that_meets_its_own_is_not_filled_by_it() {
    for stp in [SelfTrade::Decrement, SelfTrade::CancelTaker] {
        let (mut desk, ..) = desk();
        let order = with(stp, taking(OrderType::Fok, Side::Bid, MARK, 5));
        let refused = desk.place(1, order);
        assert_eq!(refused, Err(zkperp_engine::Refusal::NotFilled));
    }
    let (mut desk, ..) = desk();
    let order = taking(OrderType::Fok, Side::Bid, MARK, 5);
    assert_eq!(desk.placed(1, order)[1], 5);
}

#[test]
fn an_owner_s_accounts_are_its_own_if_the_taker_says_so() {
    let mut desk = Desk::open();
    let create = desk.sender(1).create_account(AccountType::Cross, 0);
    let sub = desk.user(create).unwrap().0[1] as u32;
    desk.user(desk.sender(1).transfer(sub, 1_000_000_000))
        .unwrap();
    let owner = |order: Place| Place {
        options: Options {
            stp_owner: true,
            ..order.options
        },
        ..order
    };
    let [first, ..] = desk.placed(sub, gtt(Side::Ask, MARK, 5));
    let [_, filled, _] = desk.placed(1, taking(IOC, Side::Bid, MARK, 2));
    assert_eq!(filled, 2);
    let [_, filled, _] = desk.placed(1, owner(taking(IOC, Side::Bid, MARK, 2)));
    assert_eq!((filled, desk.removed()), (0, vec![(first, SELF_TRADE)]));
    // The taker's options decide, and an amended order takes with its own.
    let [mine, ..] = desk.placed(1, owner(gtt(Side::Bid, MARK - 1, 5)));
    let [_, filled, _] = desk.placed(sub, taking(IOC, Side::Ask, MARK - 1, 1));
    assert_eq!(filled, 1);
    let [theirs, ..] = desk.placed(sub, gtt(Side::Ask, MARK, 5));
    desk.amend(1, mine, MARK, 4).unwrap();
    let [amended, met] = desk.removed()[..] else {
        panic!("{:?}", desk.removed());
    };
    assert_eq!((amended, met), ((mine, 5), (theirs, SELF_TRADE)));
    let [other, ..] = desk.placed(2, gtt(Side::Ask, MARK + 1, 5));
    desk.placed(1, owner(taking(IOC, Side::Bid, MARK + 1, 5)));
    assert_eq!(desk.trades(), [(other, MARK + 1, 5)]);
}
