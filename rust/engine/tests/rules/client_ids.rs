//! What clients call their orders: docs/spec/orders.md § 4.

use zkperp_engine::{Event, OrderType, Refusal, Side, address};

use crate::desk::{Desk, MARK, gtt, named, taking};

const IOC: OrderType = OrderType::Ioc;

/// The entry of a client id in the first page.
fn entry(desk: &mut Desk, low: u16) -> [u64; 4] {
    let leaf = desk.state.leaf(address::client_order(0, low));
    [leaf[0], leaf[1], leaf[2], leaf[3]]
}

#[test]
fn the_first_order_that_rests_under_a_client_id_gives_its_account_a_page() {
    let mut desk = Desk::open();
    // Nothing rests: no page.
    desk.placed(1, named(7, taking(IOC, Side::Bid, MARK, 5)));
    let refused = desk.place(1, named(7, gtt(Side::Bid, 0, 5)));
    assert_eq!(refused, Err(Refusal::BadPrice));
    assert_eq!(desk.state.leaf(address::account(1))[7], 0);
    let [id, ..] = desk.placed(1, named(7, gtt(Side::Bid, MARK, 5)));
    assert_eq!(desk.state.leaf(address::account(1))[7], 1);
    assert_eq!(desk.state.leaf(address::SCHEDULE)[2], 1);
    assert_eq!(entry(&mut desk, 7), [7, id, 1, 0]);
    let flags = desk.state.leaf(address::order(1))[7];
    assert_eq!(flags, 7 << 8);
    let rested = desk.effects.events.iter().any(
        |event| matches!(event, Event::OrderRested { order_id, client_id: 7, .. } if *order_id == id),
    );
    assert!(rested);
    let elsewhere = zkperp_engine::Place {
        market: 1,
        ..named(4095, gtt(Side::Bid, MARK, 5))
    };
    let [other, ..] = desk.placed(1, elsewhere);
    assert_eq!(entry(&mut desk, 4095), [4095, other, 2, 1]);
    // Another account has another page, and the same client ids.
    desk.placed(2, named(7, gtt(Side::Bid, MARK, 5)));
    assert_eq!(desk.state.leaf(address::account(2))[7], 2);
    assert_eq!(desk.state.leaf(address::client_order(1, 7))[0], 7);
    let view = desk.state.account(1).unwrap();
    let ids: Vec<_> = view.orders.iter().map(|order| order.client_id).collect();
    assert_eq!(ids, [7, 4095]);
}

#[test]
fn a_client_id_in_use_is_refused_to_every_order() {
    let mut desk = Desk::open();
    let [id, ..] = desk.placed(1, named(7, gtt(Side::Bid, MARK, 5)));
    let used = Err(Refusal::ClientIdUsed);
    for client_id in [7, 7 + 4096] {
        let order = named(client_id, gtt(Side::Bid, MARK, 5));
        assert_eq!(desk.place(1, order), used);
        let order = named(client_id, taking(IOC, Side::Bid, MARK, 5));
        assert_eq!(desk.place(1, order), used);
    }
    desk.placed(1, named(8, gtt(Side::Bid, MARK, 5)));
    // Free again once it is cancelled, filled, expired or cleared.
    desk.cancel(1, id).unwrap();
    let [id, ..] = desk.placed(1, named(7 + 4096, gtt(Side::Bid, MARK, 5)));
    assert_eq!(entry(&mut desk, 7)[..2], [7 + 4096, id]);
    desk.placed(2, taking(IOC, Side::Ask, MARK, 10));
    let brief = zkperp_engine::Place {
        expiry_ms: desk.now_ms + 10,
        ..named(7, gtt(Side::Bid, MARK, 5))
    };
    let [expired, ..] = desk.placed(1, brief);
    assert_eq!(desk.place(1, brief), used);
    desk.later(10);
    let [id, ..] = desk.placed(1, named(7, gtt(Side::Bid, MARK, 5)));
    assert_eq!(entry(&mut desk, 7)[..2], [7, id]);
    assert!(desk.state.resting_order(expired).is_some());
    desk.cancel_all(1, None).unwrap();
    desk.placed(1, named(7, gtt(Side::Bid, MARK, 5)));
}

#[test]
fn an_order_is_cancelled_by_its_client_id() {
    let mut desk = Desk::open();
    let unknown = Err(Refusal::UnknownOrder);
    assert_eq!(desk.cancel_named(1, 7), unknown);
    desk.placed(1, named(8, gtt(Side::Bid, MARK, 5)));
    let [id, ..] = desk.placed(1, named(7, gtt(Side::Bid, MARK, 5)));
    for client_id in [0, 9, 7 + 4096] {
        assert_eq!(desk.cancel_named(1, client_id), unknown);
    }
    assert_eq!(desk.cancel_named(2, 7), unknown);
    assert_eq!(desk.cancel_named(1, 7).unwrap().0, [0, id, 0, 5]);
    assert_eq!(desk.effects.advice.named_order, Some(2));
    let [Event::OrderRemoved { client_id, .. }] = desk.effects.events[..] else {
        panic!("{:?}", desk.effects.events);
    };
    assert_eq!(client_id, 7);
    assert_eq!(desk.cancel_named(1, 7), unknown);
    // The entry stays, and another order now has its slot.
    desk.placed(2, gtt(Side::Bid, MARK, 5));
    assert_eq!(entry(&mut desk, 7), [7, id, 2, 0]);
    assert_eq!(desk.cancel_named(1, 7), unknown);
    // A dead order may be cancelled.
    desk.cancel_all(1, None).unwrap();
    desk.cancel_named(1, 8).unwrap();
}

#[test]
fn an_amended_order_keeps_its_client_id_and_is_found_where_it_went() {
    let mut desk = Desk::open();
    let [a, ..] = desk.placed(1, gtt(Side::Bid, MARK, 5));
    let [b, ..] = desk.placed(1, named(7, gtt(Side::Bid, MARK, 5)));
    desk.cancel(1, a).unwrap();
    // It leaves slot 2 last, so it comes back there; then it is met and goes to another.
    desk.amend(1, b, MARK - 1, 6).unwrap();
    assert_eq!(entry(&mut desk, 7), [7, b, 2, 0]);
    desk.placed(2, gtt(Side::Ask, MARK + 1, 2));
    desk.amend(1, b, MARK + 1, 6).unwrap();
    let trade = desk.trade_events().next().unwrap();
    assert_eq!((trade.taker_client_id, trade.maker_client_id), (7, 0));
    desk.placed(3, taking(IOC, Side::Ask, MARK + 1, 1));
    let trade = desk.trade_events().next().unwrap();
    assert_eq!((trade.taker_client_id, trade.maker_client_id), (0, 7));
    assert_eq!(desk.cancel_named(1, 7).unwrap().0, [0, b, 0, 3]);
}

#[test]
fn a_state_with_client_ids_comes_back_from_its_leaves() {
    let mut desk = Desk::open();
    desk.placed(1, named(7, gtt(Side::Bid, MARK, 5)));
    desk.placed(2, named(1 << 47, gtt(Side::Bid, MARK, 5)));
    let mut again = desk.with_leaves(&[]);
    assert_eq!(
        again.place(1, named(7, gtt(Side::Bid, MARK, 5))),
        Err(Refusal::ClientIdUsed)
    );
    again.cancel_named(2, 1 << 47).unwrap();
}

#[test]
fn a_page_that_nobody_owns_or_two_own_is_no_state() {
    use zkperp_engine::{BrokenInvariant, RestoreError, State};
    let restore = |change: fn(&mut std::collections::BTreeMap<u64, [u64; 8]>)| {
        let mut desk = Desk::open();
        desk.placed(1, named(7, gtt(Side::Bid, MARK, 5)));
        desk.placed(2, named(7, gtt(Side::Bid, MARK, 5)));
        let mut leaves = desk.state.leaves().into_iter().collect();
        change(&mut leaves);
        State::from_leaves(crate::desk::venue().domain, leaves).unwrap_err()
    };
    let twice = restore(|leaves| leaves.get_mut(&address::account(1)).unwrap()[7] = 2);
    assert!(matches!(
        twice,
        RestoreError::Invariant(BrokenInvariant::Account { .. })
    ));
    for next_names in [1, 3] {
        let change: fn(&mut std::collections::BTreeMap<u64, [u64; 8]>) = match next_names {
            1 => |leaves| leaves.get_mut(&address::SCHEDULE).unwrap()[2] = 1,
            _ => |leaves| leaves.get_mut(&address::SCHEDULE).unwrap()[2] = 3,
        };
        restore(change);
    }
    let entry = restore(|leaves| {
        leaves.remove(&address::client_order(0, 7));
    });
    assert!(matches!(
        entry,
        RestoreError::Invariant(BrokenInvariant::Order { slot: 1, .. })
    ));
    let market = restore(|leaves| leaves.get_mut(&address::client_order(0, 7)).unwrap()[3] = 1);
    assert!(matches!(market, RestoreError::Invariant(_)));
}
