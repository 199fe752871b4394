//! Funding: docs/spec/prices.md § 5 and § 6.

use zkperp_engine::leaf::from_signed;
use zkperp_engine::{
    Command, Envelope, Event, MarketParams, OrderType, PricingParams, Refusal, Side, address,
};

use crate::desk::{DUE_MS, Desk, FUND, FUNDS, MARK, gtt, market, taking, venue_of};

const IOC: OrderType = OrderType::Ioc;

/// Market 0 charges interest: 800 ppm in 8 hours, whatever the premium.
fn with_interest() -> Desk {
    let charged = MarketParams {
        taker_ppm: 0,
        maker_ppm: 0,
        pricing: PricingParams {
            interest_ppm: 800,
            clamp_ppm: 65_535,
            ..market().pricing
        },
        ..market()
    };
    Desk::open_at(&venue_of(vec![charged, market()]))
}

#[test]
fn time_stands_still_at_the_hour_until_fund_has_run() {
    let mut desk = Desk::open();
    let at = |time_ms, command| Envelope {
        time_ms,
        command,
        signature: None,
    };
    let fund = |time_ms| at(time_ms, Command::Fund);
    let not_due = Err(Refusal::FundingNotDue);
    assert_eq!(desk.apply(&fund(desk.now_ms)), not_due);
    assert_eq!(desk.apply(&fund(DUE_MS + 1)), not_due);
    assert_eq!(desk.apply(&fund(1 << 44)), Err(Refusal::Malformed));
    let due = Err(Refusal::FundingDue);
    assert_eq!(desk.apply(&at(DUE_MS + 1, Command::Time)), due);
    desk.apply(&at(DUE_MS, Command::Time)).unwrap();
    desk.now_ms = DUE_MS + 1;
    assert_eq!(desk.command(Command::Time), due);
    assert_eq!(desk.tick(0), due);
    assert_eq!(desk.place(1, gtt(Side::Bid, MARK, 1)), due);
    assert_eq!(desk.request(crate::desk::deposit(1, 1)), due);
    assert_eq!(desk.apply(&fund(DUE_MS + 1)), not_due);
    assert_eq!(desk.apply(&fund(DUE_MS)).unwrap().0, [0, DUE_MS, 0, 0]);
    assert_eq!(desk.effects.record.words(), [13]);
    assert_eq!(desk.apply(&fund(DUE_MS)), not_due);
    assert_eq!(desk.state.funding_due_ms(), DUE_MS + 3_600_000);
    desk.request(crate::desk::deposit(1, 1)).unwrap();
}

#[test]
fn fund_comes_from_however_far_before_the_hour() {
    let mut desk = with_interest();
    desk.fund();
    let event = |market, rate_ppm, funding| Event::Funding {
        market,
        rate_ppm,
        index: MARK,
        funding,
    };
    let step = 100 * MARK.cast_signed();
    assert_eq!(desk.effects.events, [event(0, 100, step), event(1, 0, 0)]);
    assert_eq!(desk.state.time_ms(), DUE_MS);
    let base = address::market(0);
    let funding = desk.state.leaf(base + 3);
    assert_eq!(funding, [0, 0, DUE_MS, step as u64, 100, 0, 0, 0]);
    assert_eq!(desk.state.leaf(base + 16)[2], step as u64);
    let schedule = desk.state.leaf(address::SCHEDULE);
    assert_eq!(schedule[..2], [DUE_MS + 3_600_000, (1 << 31) + 1]);
}

#[test]
fn a_market_without_a_tick_is_funded_at_nothing() {
    let mut desk = Desk::bare();
    desk.fund();
    let funding = desk.state.market(0).unwrap().funding;
    assert_eq!((funding.funding, funding.premium_sum), (0, 0));
    assert_eq!(desk.effects.events.len(), 2);
}

#[test]
fn funding_is_paid_when_a_size_changes_and_rounds_against_both() {
    let mut desk = with_interest();
    desk.placed(2, gtt(Side::Ask, MARK, 1001));
    desk.placed(1, gtt(Side::Bid, MARK, 1001));
    desk.fund();
    desk.fund();
    // Two hours at 100 ppm of 1001 lots at 600,000: 120,120 micro-USDC, without a rest.
    let view = |desk: &Desk, account| desk.state.account(account).unwrap();
    assert_eq!(view(&desk, 1).positions[0].funding_due, 120_120);
    assert_eq!(view(&desk, 1).tav(), FUNDS as i64 - 120_120);
    assert_eq!(view(&desk, 2).tav(), FUNDS as i64 + 120_120);
    desk.mark(0, MARK + 7);
    desk.fund();
    // The third hour: 1001 · 100 · 600,007 / 10^6 = 60,060.7007.
    desk.mark(0, MARK);
    desk.placed(2, gtt(Side::Ask, MARK, 1));
    desk.placed(1, taking(IOC, Side::Bid, MARK, 1));
    assert_eq!(desk.paid(), [(1, -180_181), (2, 180_180)]);
    let interest = desk.state.market(0).unwrap().interest;
    assert_eq!((interest.clearing, interest.open_interest), (1, 2004));
    let funding = desk.state.market(0).unwrap().funding.funding;
    let position = desk.state.leaf(address::position(1, 0));
    assert_eq!(position[..4], [1002, 0, funding as u64, 0]);
    assert_eq!(view(&desk, 1).positions[0].funding_due, 0);
    // Closed, the entry goes; what was collected stays as dust.
    desk.placed(2, gtt(Side::Bid, MARK, 1002));
    desk.placed(1, taking(IOC, Side::Ask, MARK, 1002));
    assert_eq!(desk.paid(), []);
    assert_eq!(desk.state.leaf(address::position(1, 0)), [0; 8]);
    let total = desk.cash(1) + desk.cash(2);
    assert_eq!(total, 2 * FUNDS as i64 - 1);
}

#[test]
fn a_newcomer_pays_nothing_for_the_time_before() {
    let mut desk = with_interest();
    desk.placed(2, gtt(Side::Ask, MARK, 10));
    desk.placed(1, gtt(Side::Bid, MARK, 10));
    desk.fund();
    desk.mark(0, MARK);
    desk.placed(1, gtt(Side::Ask, MARK, 10));
    desk.placed(3, gtt(Side::Bid, MARK, 10));
    // 10 lots · 100 ppm · 600,000 = 600.
    assert_eq!(desk.paid(), [(1, -600)]);
    assert_eq!(desk.state.account(3).unwrap().tav(), FUNDS as i64);
    desk.fund();
    assert_eq!(desk.state.account(3).unwrap().tav(), FUNDS as i64 - 600);
    assert_eq!(desk.state.account(2).unwrap().tav(), FUNDS as i64 + 1200);
}

#[test]
fn a_premium_makes_longs_pay_and_a_discount_shorts() {
    for (bid, ask, rate) in [(1010, 1020, 1), (980, 990, -1)] {
        let thin = MarketParams {
            pricing: PricingParams {
                impact_quote: 1000,
                ..market().pricing
            },
            ..market()
        };
        let mut desk = Desk::open_at(&venue_of(vec![thin]));
        desk.mark(0, 1000);
        desk.placed(1, gtt(Side::Bid, bid, 5));
        desk.placed(2, gtt(Side::Ask, ask, 5));
        let (mut time, mut sum) = (desk.now_ms, 0);
        while time + 15_000 < DUE_MS {
            desk.now_ms = time + 15_000;
            desk.command(Command::Time).unwrap();
            desk.report(0, 0, 1000).unwrap();
            desk.tick(0).unwrap();
            let premium = desk.state.market(0).unwrap().funding.premium_ppm;
            assert_eq!(premium, rate * 10_000);
            (time, sum) = (time + 15_000, sum + 15_000);
            let sampled = desk.state.market(0).unwrap().funding.premium_sum;
            assert_eq!(sampled, rate * 10_000 * (sum - 15_000));
        }
        desk.fund();
        let funding = desk.state.market(0).unwrap().funding;
        let whole = 10_000 * (DUE_MS - 1_700_000_000_000 - 15_001).cast_signed();
        assert!((whole / 3_600_000 / 8 - rate * funding.rate_ppm).abs() <= 1);
        assert_eq!(funding.funding, funding.rate_ppm * 1000);
    }
}

#[test]
fn funding_that_reached_its_bound_goes_no_further() {
    let mut desk = with_interest();
    let mut market = desk.state.leaf(address::market(0) + 3);
    let bound = desk.state.market(0).unwrap().funding_max();
    market[3] = bound - 5;
    let mut tier = desk.state.leaf(address::market(0) + 16);
    tier[2] = bound - 5;
    let base = address::market(0);
    let mut desk = desk.with_leaves(&[(base + 3, market), (base + 16, tier)]);
    desk.fund();
    let funding = desk.state.market(0).unwrap().funding.funding;
    assert_eq!(funding, bound.cast_signed());
}

#[test]
fn the_clearing_account_has_its_bound() {
    let mut desk = with_interest();
    desk.placed(2, gtt(Side::Ask, MARK, 1001));
    desk.placed(1, gtt(Side::Bid, MARK, 1001));
    desk.placed(2, gtt(Side::Ask, MARK, 1));
    desk.fund();
    desk.mark(0, MARK + 7);
    desk.fund();
    desk.mark(0, MARK);
    let greatest = (1_i64 << 58) - 1;
    let mut interest = desk.state.leaf(address::market(0) + 1);
    interest[2] = greatest as u64;
    let debt = [1, from_signed(-greatest), 0, 0, 0, 0, 0, 0];
    let base = address::market(0);
    let changes = [(base + 1, interest), (address::account(FUND), debt)];
    let mut desk = desk.with_leaves(&changes);
    // The two would leave one micro-USDC of dust there.
    let [_, filled, _] = desk.placed(1, taking(IOC, Side::Bid, MARK, 1));
    assert_eq!((filled, desk.stopped()), (0, Some((1, 2005))));
}
