//! Triggers, who is due, fills and takeovers: docs/spec/liquidation.md § 1 to § 6.

use zkperp_engine::formulas::Health;
use zkperp_engine::{
    Command, Event, MarketParams, Neighbours, OrderType, Refusal, Side, address, keeper,
};

use crate::desk::{Desk, FUND, FUNDS, MARK, gtt, market, taking, venue, venue_of};

const IOC: OrderType = OrderType::Ioc;

/// A market whose orders cost nothing.
pub(crate) fn free_of_fees() -> MarketParams {
    MarketParams {
        taker_ppm: 0,
        maker_ppm: 0,
        ..market()
    }
}

/// Account 1 holds 1000 lots (10 % initial, 6 % maintenance, 4 % close-out), 2 the other side; it
/// has 60 USDC.
pub(crate) fn leveraged(sign: i64) -> Desk {
    let mut desk = Desk::open_at(&venue_of(vec![free_of_fees(), free_of_fees()]));
    let (side, other) = if sign > 0 {
        (Side::Bid, Side::Ask)
    } else {
        (Side::Ask, Side::Bid)
    };
    desk.placed(2, gtt(other, MARK, 1000));
    desk.placed(1, gtt(side, MARK, 1000));
    desk.withdraw(1, FUNDS - 60_000_000).unwrap();
    desk
}

pub(crate) fn health(desk: &Desk, account: u32) -> Health {
    desk.state.account(account).unwrap().health
}

/// Liquidates a step, and gives its outcome.
pub(crate) fn step(desk: &mut Desk) -> [u64; 4] {
    desk.command(Command::Liquidate).unwrap().0
}

#[test]
fn every_position_stands_in_the_list_of_its_side_and_tier() {
    let mut desk = leveraged(1);
    // S = 60 − 36 USDC; half of it are 12 of 600: ρ = 0.02, 12,000 ticks.
    let head = desk.state.market(0).unwrap().triggers[0];
    let value = 564_000_000_000;
    assert_eq!((head.long.account, head.short.account), (1, 2));
    assert_eq!(head.long.trigger, value - 12_000_000_000);
    let position = desk.state.leaf(address::position(1, 0));
    assert_eq!(position[4..], [552_000_000_000, 0, 0, 1]);
    assert_eq!(desk.state.leaf(address::position(2, 0))[7], 2);
    // A second long with more slack stands behind it, a third with less before.
    desk.placed(2, gtt(Side::Ask, MARK, 2000));
    desk.placed(3, taking(IOC, Side::Bid, MARK, 1000));
    let behind = Neighbours { prev: 1, next: 0 };
    assert_eq!(desk.effects.advice.inserted[0], behind);
    desk.placed(4, taking(IOC, Side::Bid, MARK, 1000));
    let between = Neighbours { prev: 3, next: 0 };
    assert_eq!(desk.effects.advice.inserted[0], between);
    let [a, b, c] = [1, 3, 4].map(|account| order_of(&mut desk, account));
    assert_eq!(
        [a[1..3].to_vec(), b[1..3].to_vec(), c[1..3].to_vec()],
        [[0, 3], [1, 4], [3, 0]]
    );
}

/// Trigger, neighbours and list of an account's position in market 0.
pub(crate) fn order_of(desk: &mut Desk, account: u32) -> [u64; 4] {
    let leaf = desk.state.leaf(address::position(account, 0));
    [leaf[4], leaf[5], leaf[6], leaf[7]]
}

#[test]
fn closing_a_position_takes_it_out_of_its_list() {
    let mut desk = leveraged(1);
    desk.placed(3, gtt(Side::Bid, MARK, 1000));
    desk.placed(1, taking(IOC, Side::Ask, MARK, 1000));
    assert_eq!(order_of(&mut desk, 1), [0; 4]);
    assert_eq!(desk.state.market(0).unwrap().triggers[0].long.account, 3);
    // To turn a position is to change its list.
    desk.placed(3, gtt(Side::Ask, MARK, 2000));
    desk.placed(4, taking(IOC, Side::Bid, MARK, 2000));
    assert_eq!(order_of(&mut desk, 3)[3], 2);
}

#[test]
fn while_something_is_pending_nothing_takes_risk() {
    let mut desk = leveraged(1);
    let [resting, ..] = desk.placed(3, gtt(Side::Bid, 1, 1));
    desk.crossing(0, MARK - 13_000);
    assert_eq!(desk.state.pending(), 1);
    let blocked = |desk: &mut Desk| {
        let pending = Err(Refusal::LiquidationPending);
        let sender = desk.sender(3);
        assert_eq!(desk.place(3, gtt(Side::Bid, 2 * MARK, 1)), pending);
        assert_eq!(desk.amend(3, resting, 2, 1), pending);
        assert_eq!(desk.withdraw(3, 1), pending);
        assert_eq!(desk.user(sender.transfer(1, 1)), pending);
        assert_eq!(desk.user(sender.set_leverage(0, 0)), pending);
        let create = sender.create_account(zkperp_engine::AccountType::Cross, 0);
        assert_eq!(desk.user(create), pending);
        assert_eq!(desk.tick(0), pending);
        assert_eq!(desk.tick(9), pending);
        desk.request(crate::desk::deposit(3, 1)).unwrap();
        desk.user(desk.sender(3).burn_nonce()).unwrap();
        assert_eq!(desk.command(Command::Fund), Err(Refusal::FundingNotDue));
    };
    blocked(&mut desk);
    let nothing = Err(Refusal::NothingDue);
    assert_eq!(desk.command(Command::Liquidate), nothing);
    let share = Command::Deleverage { account: 2 };
    assert_eq!(desk.command(share), nothing);
    // The account is still healthy: it gets another trigger, and then nobody is pending.
    assert_eq!(desk.command(Command::Sweep).unwrap().0, [0, 1, 0, 0]);
    assert_eq!(desk.effects.record.words(), [14]);
    assert_eq!(desk.command(Command::Sweep).unwrap().0, [0, 0, 0, 0]);
    assert_eq!(desk.command(Command::Sweep), nothing);
    desk.cancel(3, resting).unwrap();
    let [resting, ..] = desk.placed(3, gtt(Side::Bid, 1, 1));
    // Below maintenance margin it is due, and as much is refused.
    desk.crossing(0, MARK - 30_000);
    assert_eq!(desk.command(Command::Sweep).unwrap().0, [0, 1, 0, 1]);
    let due = Event::LiquidationDue {
        account: 1,
        tav: 30_000_000,
        mmr: 34_200_000,
    };
    assert_eq!(desk.effects.events, [due]);
    assert_eq!(desk.command(Command::Liquidate), Err(Refusal::SweepFirst));
    desk.sweep();
    assert_eq!(desk.state.first_due(), Some(1));
    assert_eq!(
        desk.place(3, gtt(Side::Bid, 2, 1)),
        Err(Refusal::LiquidationPending)
    );
    desk.cancel(3, resting).unwrap();
    // At the hour nothing is funded before.
    desk.now_ms = desk.state.funding_due_ms();
    let fund = desk.command(Command::Fund);
    assert_eq!(fund, Err(Refusal::LiquidationPending));
    let first = keeper::before(&desk.state, desk.now_ms + 1).unwrap();
    assert_eq!(first.command, Command::Liquidate);
}

#[test]
fn no_more_is_sold_than_restores_health_and_the_fee_is_split() {
    let mut desk = leveraged(1);
    desk.placed(3, gtt(Side::Bid, 565_000, 300));
    desk.placed(4, gtt(Side::Bid, 564_000, 900));
    desk.mark(0, MARK - 30_000);
    // 30 USDC over 34.2: zero = 30,000 ticks a lot. The bid costs 5,000, the fee is 1 % of 565,000; a
    // lot frees 34,200 of margin, 4.2 USDC are missing, which are 178.3 lots at 23,550.
    assert_eq!(step(&mut desk), [0, 1, 0, 179]);
    let (fee, bonus) = (179 * 5650, 179 * 565_000 / 400);
    let liquidation = Event::Liquidation {
        account: 1,
        market: 0,
        lots: 179,
        price: 565_000,
        fee,
        bonus,
    };
    assert_eq!(desk.effects.events[0], liquidation);
    let trade = *desk.trade_events().next().unwrap();
    assert_eq!((trade.taker_order_id, trade.taker_fee), (0, fee));
    assert_eq!(trade.maker_fee, -(bonus as i64));
    assert_eq!(desk.cash(FUND), (fee - bonus) as i64);
    assert_eq!(desk.state.fees(), 0);
    assert_eq!(health(&desk, 1), Health::BelowInitial);
    assert_eq!(desk.state.due_accounts(), 1);
    assert_eq!(step(&mut desk), [0, 1, 0, 0]);
    assert_eq!(desk.effects.events, [Event::Recovered { account: 1 }]);
    assert_eq!(desk.state.due_accounts(), 0);
    assert_eq!(order_of(&mut desk, 1)[3], 1);
}

#[test]
fn dead_makers_are_removed_and_one_that_fails_too() {
    let mut desk = leveraged(1);
    desk.request(crate::desk::deposit(1, 60_000)).unwrap();
    let [own, ..] = desk.placed(1, gtt(Side::Bid, 569_000, 1));
    let mut short = gtt(Side::Bid, 570_000, 1);
    short.expiry_ms = desk.now_ms + 2;
    let [expired, ..] = desk.placed(3, short);
    let [unable, ..] = desk.placed(5, gtt(Side::Bid, 568_000, 1000));
    desk.withdraw(5, FUNDS - 1_000_000).unwrap();
    desk.mark(0, MARK - 30_000);
    desk.now_ms += 1;
    for (order, reason) in [(expired, 2), (own, 3), (unable, 4)] {
        assert_eq!(step(&mut desk), [0, 1, 0, 0]);
        assert_eq!(desk.removed(), [(order, reason)]);
    }
}

#[test]
fn orders_of_due_accounts_are_dead() {
    let mut desk = leveraged(1);
    desk.placed(2, gtt(Side::Ask, MARK, 1000));
    desk.placed(3, gtt(Side::Bid, MARK, 1000));
    let [order, ..] = desk.placed(3, gtt(Side::Bid, 569_000, 7));
    desk.withdraw(3, FUNDS - 60_000_000).unwrap();
    desk.mark(0, MARK - 30_000);
    assert_eq!(desk.state.due_accounts(), 2);
    assert_eq!(step(&mut desk), [0, 1, 0, 0]);
    assert_eq!(desk.removed(), [(order, 6)]);
}

#[test]
fn the_position_with_the_most_margin_goes_first() {
    let mut desk = leveraged(1);
    let other = |order| zkperp_engine::Place { market: 1, ..order };
    desk.request(crate::desk::deposit(1, 66_000_000)).unwrap();
    desk.placed(2, other(gtt(Side::Ask, MARK, 1100)));
    desk.placed(1, other(gtt(Side::Bid, MARK, 1100)));
    desk.placed(4, gtt(Side::Bid, MARK - 34_000, 2000));
    desk.placed(4, other(gtt(Side::Bid, MARK - 34_000, 2000)));
    desk.mark(0, MARK - 30_000);
    desk.mark(1, MARK - 30_000);
    assert_eq!(step(&mut desk)[2], 1);
    assert_eq!(desk.liquidate_all(), 1);
    // Of equal ones the lowest market.
    let mut desk = leveraged(1);
    desk.request(crate::desk::deposit(1, 60_000_000)).unwrap();
    desk.placed(2, other(gtt(Side::Ask, MARK, 1000)));
    desk.placed(1, other(gtt(Side::Bid, MARK, 1000)));
    desk.mark(0, MARK - 30_000);
    desk.mark(1, MARK - 30_000);
    assert_eq!(step(&mut desk)[2], 0);
}

#[test]
fn the_fund_takes_what_the_book_does_not() {
    for (sign, mark) in [(1, MARK - 30_000), (-1, MARK + 23_000)] {
        let mut desk = leveraged(sign);
        let give = desk.sender(5).transfer(FUND, 1_000_000_000);
        desk.user(give).unwrap();
        desk.mark(0, mark);
        let before = desk.state.account(1).unwrap();
        let missing = before.mmr() - before.tav();
        // What is freed of a lot: 2 % of the mark.
        let lots = (missing * 50 + mark as i64 - 1) / mark as i64;
        assert_eq!(step(&mut desk), [0, 1, 0, lots as u64]);
        let value = lots * mark as i64;
        let quote = sign * value - (value + 24) / 25;
        let takeover = Event::Takeover {
            account: 1,
            market: 0,
            lots: lots as u64,
            quote,
        };
        assert_eq!(desk.effects.events, [takeover]);
        assert_eq!(desk.state.position_lots(FUND, 0), sign * lots);
        assert_eq!(desk.cash(FUND), 1_000_000_000 - quote);
        assert_eq!(step(&mut desk), [0, 1, 0, 0]);
        assert_eq!(desk.effects.events, [Event::Recovered { account: 1 }]);
    }
}

#[test]
fn below_close_out_the_fund_takes_all_and_nothing_is_owed() {
    for (mark, loss) in [(MARK - 45_000, 15_000_000), (MARK - 70_000, -10_000_000)] {
        let mut desk = leveraged(1);
        let give = desk.sender(5).transfer(FUND, 1_000_000_000);
        desk.user(give).unwrap();
        desk.mark(0, mark);
        assert_eq!(step(&mut desk), [0, 1, 0, 1000]);
        assert_eq!(desk.cash(1), 0);
        let fund = desk.state.account(FUND).unwrap();
        assert_eq!(fund.tav(), 1_000_000_000 + loss);
        step(&mut desk);
        assert_eq!(desk.state.due_accounts(), 0);
    }
}

#[test]
fn the_fund_trades_with_its_key_and_pays_nobody() {
    let mut params = venue();
    params.fund_key = crate::desk::limbs(0);
    let mut desk = Desk::open_at(&params);
    desk.user(desk.sender(5).transfer(FUND, FUNDS)).unwrap();
    desk.placed(1, gtt(Side::Ask, MARK, 10));
    let [_, filled, _] = desk.placed(FUND, taking(IOC, Side::Bid, MARK, 10));
    assert_eq!(filled, 10);
    let locked = Err(Refusal::FundLocked);
    assert_eq!(desk.withdraw(FUND, 1), locked);
    assert_eq!(desk.user(desk.sender(FUND).transfer(1, 1)), locked);
    let create = desk
        .sender(FUND)
        .create_account(zkperp_engine::AccountType::Cross, 0);
    assert_eq!(desk.user(create), locked);
    desk.user(desk.sender(FUND).set_leverage(0, 500_000))
        .unwrap();
}

#[test]
fn the_view_shows_the_mark_at_which_an_account_falls_due() {
    for (sign, mark, ppm) in [(1, 574_469, -42_552), (-1, 622_641, 37_735)] {
        let mut desk = leveraged(sign);
        let position = desk.state.account(1).unwrap().positions[0];
        assert_eq!(position.liquidation_mark, Some(mark));
        assert_eq!(position.liquidation_distance_ppm, Some(ppm));
        desk.mark(0, mark);
        assert_eq!(desk.state.due_accounts(), 0);
        desk.mark(0, mark.strict_add_signed(-sign));
        assert_eq!(desk.state.due_accounts(), 1);
    }
    let desk = leveraged(1);
    assert!(desk.state.account(2).unwrap().positions[0].liquidation_mark > Some(10 * MARK));
}
