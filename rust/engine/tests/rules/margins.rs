//! Tiers, own leverage, the ratio rule, open interest: docs/spec/margin.md.

use zkperp_engine::formulas::Health;
use zkperp_engine::leaf::from_signed;
use zkperp_engine::{AccountType, MarketParams, OrderType, Refusal, Side, address};

use crate::desk::{DUE_MS, Desk, FUND, FUNDS, MARK, gtt, market, owner, taking, tier, venue_of};

const IOC: OrderType = OrderType::Ioc;

fn free_of_fees() -> MarketParams {
    MarketParams {
        taker_ppm: 0,
        maker_ppm: 0,
        ..market()
    }
}

fn desk_of(params: MarketParams) -> Desk {
    Desk::open_at(&venue_of(vec![params]))
}

/// Two tiers: to 100 lots 10 %, to 200 lots 20 %.
fn tiered() -> Desk {
    desk_of(MarketParams {
        tiers: vec![tier(100, 100_000), tier(200, 200_000)],
        lots_max: 200,
        lots_min: 1,
        ..free_of_fees()
    })
}

/// Account 1 is long, or short for −1, 1000 lots at the mark and has just its initial margin: cash
/// of 60 USDC beside what the position cost.
fn at_its_limit(sign: i64) -> Desk {
    let mut desk = desk_of(free_of_fees());
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

#[test]
fn a_whole_position_has_the_fractions_of_its_tier() {
    let mut desk = tiered();
    desk.placed(2, gtt(Side::Ask, MARK, 101));
    desk.placed(1, gtt(Side::Bid, MARK, 100));
    let view = desk.state.account(1).unwrap();
    let value = 100 * MARK.cast_signed();
    assert_eq!(
        (view.positions[0].tier, view.positions[0].imf_ppm),
        (0, 100_000)
    );
    assert_eq!(
        (view.imr(), view.mmr(), view.cmr()),
        (value / 10, value / 50 * 3, value / 25)
    );
    assert_eq!(
        (view.tav(), view.free()),
        (FUNDS as i64, FUNDS as i64 - value / 10)
    );
    assert_eq!(view.positions[0].value, value);
    // One lot more doubles the margin of all of them.
    desk.placed(1, gtt(Side::Bid, MARK, 1));
    let view = desk.state.account(1).unwrap();
    let value = 101 * MARK.cast_signed();
    assert_eq!(
        (view.positions[0].tier, view.positions[0].imf_ppm),
        (1, 200_000)
    );
    assert_eq!(view.imr(), value / 5);
    assert_eq!(view.health, Health::Healthy);
}

#[test]
fn placing_is_by_the_tier_that_would_be_reached() {
    // 200 lots need 24 USDC at 20 %, 100 lots 6 at 10 %.
    let mut desk = tiered();
    desk.withdraw(1, FUNDS - 6_000_000).unwrap();
    desk.placed(1, taking(IOC, Side::Bid, MARK, 100));
    let order = |lots| taking(IOC, Side::Ask, MARK, lots);
    assert_eq!(desk.place(1, order(101)), Err(Refusal::InitialMargin));
    assert_eq!(desk.place(1, order(200)), Err(Refusal::InitialMargin));
    desk.placed(2, taking(IOC, Side::Bid, MARK, 200));
    desk.placed(3, gtt(Side::Ask, MARK, 200));
    desk.placed(2, taking(IOC, Side::Bid, MARK, 200));
    let past = Err(Refusal::PositionLimit);
    assert_eq!(desk.place(2, taking(IOC, Side::Bid, MARK, 1)), past);
    assert_eq!(desk.place(3, taking(IOC, Side::Ask, MARK, 1)), past);
    desk.placed(2, gtt(Side::Ask, MARK, 200));
}

#[test]
fn own_leverage_asks_for_more_and_never_for_less() {
    let mut desk = tiered();
    let set = |desk: &mut Desk, market, imf| desk.user(desk.sender(1).set_leverage(market, imf));
    let bad = Err(Refusal::BadLeverage);
    assert_eq!(set(&mut desk, 1, 200_000), Err(Refusal::UnknownMarket));
    assert_eq!(set(&mut desk, 0, 99_999), bad);
    assert_eq!(set(&mut desk, 0, 1_000_001), bad);
    assert_eq!(set(&mut desk, 0, 1 << 20), Err(Refusal::Malformed));
    assert_eq!(set(&mut desk, 0, 500_000).unwrap().0, [0, 0, 500_000, 0]);
    let record = desk.effects.record.words();
    assert_eq!(record, [11 + (1 << 19), 500_000 + (1 << 20)]);
    assert_eq!(desk.state.leaf(address::position(1, 0))[3], 500_000);
    assert_eq!(desk.state.account(1).unwrap().leverage, [(0, 500_000)]);
    // 100 lots need half of 60 USDC.
    desk.withdraw(1, FUNDS - 30_000_000).unwrap();
    desk.placed(2, gtt(Side::Ask, MARK, 100));
    let order = taking(IOC, Side::Bid, MARK, 101);
    assert_eq!(desk.place(1, order), Err(Refusal::InitialMargin));
    desk.placed(1, taking(IOC, Side::Bid, MARK, 100));
    assert_eq!(desk.state.account(1).unwrap().free(), 0);
    // With a position it may not fall below initial margin by its own choice.
    let short = Err(Refusal::InitialMargin);
    assert_eq!(set(&mut desk, 0, 500_001), short);
    set(&mut desk, 0, 100_000).unwrap();
    assert_eq!(desk.state.account(1).unwrap().free(), 24_000_000);
    set(&mut desk, 0, 0).unwrap();
    assert_eq!(desk.state.account(1).unwrap().positions[0].imf_ppm, 100_000);
    // Nor while a market it holds is overdue.
    desk.later(20_001);
    assert_eq!(set(&mut desk, 0, 200_000), Err(Refusal::TickOverdue));
    // Without a position nothing is asked; the choice outlives the position.
    let other = desk.sender(3).set_leverage(0, 1_000_000);
    desk.user(other).unwrap();
}

#[test]
fn below_initial_margin_it_may_close_at_its_zero_price_and_not_one_tick_worse() {
    // The mark moves 20,000 against it: it is worth 40 USDC, 40,000 ticks a lot.
    for (sign, mark, zero, worse) in [
        (1_i64, MARK - 20_000, 540_000, 539_999),
        (-1, MARK + 20_000, 660_000, 660_001),
    ] {
        let side = if sign > 0 { Side::Ask } else { Side::Bid };
        let other = if sign > 0 { Side::Bid } else { Side::Ask };
        let worst = if sign > 0 { 1 } else { 2 * MARK };
        let mut desk = at_its_limit(sign);
        desk.mark(0, mark);
        let view = desk.state.account(1).unwrap();
        assert_eq!(
            (view.tav(), view.health),
            (40_000_000, Health::BelowInitial)
        );
        for lots in [1, 500, 999, 1000] {
            let mut desk = Desk::of(desk.state.clone());
            let [id, ..] = desk.placed(3, gtt(other, worse, 1000));
            let [_, filled, _] = desk.placed(1, taking(IOC, side, worst, lots));
            assert_eq!((filled, desk.stopped()), (0, Some((lots, 2006))));
            desk.cancel(3, id).unwrap();
            desk.placed(3, gtt(other, zero, 1000));
            let [_, filled, _] = desk.placed(1, taking(IOC, side, worst, lots));
            assert_eq!(filled, lots);
            let view = desk.state.account(1).unwrap();
            let left = 1000 - lots.cast_signed();
            assert_eq!(view.tav(), 40_000 * left);
        }
    }
}

#[test]
fn a_maker_that_would_worsen_is_removed() {
    let mut desk = at_its_limit(1);
    let [good, ..] = desk.placed(1, gtt(Side::Ask, 580_000, 10));
    let [bad, ..] = desk.placed(1, gtt(Side::Ask, 530_000, 10));
    desk.mark(0, MARK - 20_000);
    let [_, filled, _] = desk.placed(3, taking(IOC, Side::Bid, MARK, 20));
    assert_eq!((filled, desk.removed()), (10, vec![(bad, 4)]));
    assert_eq!(desk.trades(), [(good, 580_000, 10)]);
}

#[test]
fn nobody_leaves_a_debt_behind_by_selling_to_an_accomplice() {
    // Healthy at 60 USDC it would sell at a price that leaves it below zero.
    let mut desk = at_its_limit(1);
    desk.placed(3, gtt(Side::Bid, 539_999, 1000));
    let [_, filled, _] = desk.placed(1, taking(IOC, Side::Ask, 1, 1000));
    assert_eq!((filled, desk.stopped()), (0, Some((1000, 2006))));
    // All it has it may lose, as anyone may.
    desk.placed(3, gtt(Side::Bid, 540_000, 1000));
    let [_, filled, _] = desk.placed(1, taking(IOC, Side::Ask, 540_000, 1000));
    assert_eq!((filled, desk.cash(1)), (1000, 0));
}

#[test]
fn a_fee_counts_against_the_ratio() {
    let mut desk = desk_of(market());
    desk.placed(2, gtt(Side::Ask, MARK, 1000));
    desk.placed(1, gtt(Side::Bid, MARK, 1000));
    let free = desk.state.account(1).unwrap().free();
    desk.withdraw(1, free.cast_unsigned()).unwrap();
    desk.mark(0, MARK - 20_000);
    // Worth 40 USDC; at 540,000 a fee of 270 ticks a lot would be missing.
    desk.placed(3, gtt(Side::Bid, 540_269, 1000));
    let [_, filled, _] = desk.placed(1, taking(IOC, Side::Ask, 1, 1000));
    assert_eq!(filled, 0);
    desk.placed(3, gtt(Side::Bid, 540_271, 1000));
    let [_, filled, _] = desk.placed(1, taking(IOC, Side::Ask, 540_271, 1000));
    assert_eq!(filled, 1000);
}

#[test]
fn open_interest_may_not_grow_past_its_limit_but_change_hands() {
    let mut desk = desk_of(MarketParams {
        oi_max: 20,
        ..free_of_fees()
    });
    desk.placed(2, gtt(Side::Ask, MARK, 30));
    let [_, filled, _] = desk.placed(1, taking(IOC, Side::Bid, MARK, 11));
    assert_eq!((filled, desk.stopped()), (0, Some((11, 2007))));
    let [_, filled, _] = desk.placed(1, taking(IOC, Side::Bid, MARK, 10));
    assert_eq!(filled, 10);
    assert_eq!(desk.state.market(0).unwrap().interest.open_interest, 20);
    let [_, _, resting] = desk.placed(3, gtt(Side::Bid, MARK, 1));
    assert_eq!((resting, desk.stopped()), (0, Some((1, 2007))));
    // A long sells to a newcomer: both sides together stay what they were.
    desk.placed(1, gtt(Side::Ask, MARK - 1, 4));
    let [_, filled, _] = desk.placed(3, taking(IOC, Side::Bid, MARK - 1, 4));
    assert_eq!(filled, 4);
    assert_eq!(desk.state.market(0).unwrap().interest.open_interest, 20);
    desk.placed(2, gtt(Side::Bid, MARK - 1, 4));
    desk.placed(3, taking(IOC, Side::Ask, MARK - 1, 4));
    assert_eq!(desk.state.market(0).unwrap().interest.open_interest, 12);
}

#[test]
fn funding_that_is_due_counts_as_if_paid() {
    let charged = MarketParams {
        pricing: zkperp_engine::PricingParams {
            interest_ppm: 40_000,
            clamp_ppm: 65_535,
            ..market().pricing
        },
        ..free_of_fees()
    };
    let mut desk = desk_of(charged);
    desk.placed(2, gtt(Side::Ask, MARK, 1000));
    desk.placed(1, gtt(Side::Bid, MARK, 1000));
    desk.fund();
    // 5000 ppm of 600 USDC are 3.
    desk.now_ms = DUE_MS;
    desk.mark(0, MARK);
    let too_much = Err(Refusal::InsufficientFreeCollateral);
    assert_eq!(desk.withdraw(1, FUNDS - 63_000_000 + 1), too_much);
    desk.withdraw(1, FUNDS - 63_000_000).unwrap();
    assert_eq!(desk.state.account(1).unwrap().free(), 0);
    assert_eq!(desk.withdraw(2, FUNDS - 57_000_000 + 1), too_much);
    desk.withdraw(2, FUNDS - 57_000_000).unwrap();
    // One more lot would need what it does not have.
    let order = taking(IOC, Side::Bid, MARK, 1);
    assert_eq!(desk.place(1, order), Err(Refusal::InitialMargin));
}

#[test]
fn a_payment_out_keeps_the_balance_above_its_lowest() {
    // 16 markets owe account 1 the most funding that there can be, 1.5 · 2^58 together, half of it
    // accounts 2 and 3 each; its cash is the lowest there can be.
    let greatest = (1_i64 << 58) - 1;
    let account = |cash: i64, bits: u32| [1, from_signed(cash), bits.into(), 0, 0, 0, 0, 0];
    let mut desk = Desk::open_at(&venue_of(vec![free_of_fees(); 32]));
    desk.user(desk.sender(1).create_account(AccountType::Cross, 0))
        .unwrap();
    let most = desk.state.market(0).unwrap().funding_max().cast_signed();
    let (size, bits) = (1_i64 << 28, (1 << 16) - 1);
    let position = |size: i64| [from_signed(size), 0, from_signed(most), 0, 0, 0, 0, 0];
    let mut leaves = vec![
        (address::account(1), account(-greatest, bits)),
        (address::account(2), account(greatest, bits)),
        (address::account(3), account(greatest, bits)),
        (
            address::account(FUND),
            account(5 * FUNDS.cast_signed() - greatest, 0),
        ),
        (address::account(4), account(0, 0)),
        (address::account(5), account(0, 0)),
    ];
    for market in 0..16 {
        let base = address::market(market);
        let [mut interest, mut funding, mut tier] =
            [1, 3, 16].map(|leaf| desk.state.leaf(base + leaf));
        interest[0] = 2 * size.cast_unsigned();
        (funding[3], tier[2]) = (from_signed(-most), from_signed(-most));
        leaves.extend([(base + 1, interest), (base + 3, funding), (base + 16, tier)]);
        leaves.push((address::position(1, market), position(size)));
        leaves.push((address::position(2, market), position(-size / 2)));
        leaves.push((address::position(3, market), position(-size / 2)));
    }
    let mut desk = desk.with_leaves(&leaves);
    assert!(desk.state.account(1).unwrap().free() > 0);
    let lowest = Err(Refusal::BalanceLimit);
    assert_eq!(desk.withdraw(1, 1), lowest);
    assert_eq!(desk.user(desk.sender(1).transfer(FUND + 1, 1)), lowest);
    let [o0, o1, o2] = owner(1);
    let forced = [2, 1, o0, o1, o2, 1, 0, 0, 0, 0, 0, 0];
    assert_eq!(desk.request(forced).unwrap().0, [2005, 0, 0, 0]);
    desk.request(crate::desk::deposit(1, 2)).unwrap();
    desk.withdraw(1, 1).unwrap();
    desk.user(desk.sender(1).transfer(FUND + 1, 1)).unwrap();
    assert_eq!(desk.cash(1), -greatest);
}
