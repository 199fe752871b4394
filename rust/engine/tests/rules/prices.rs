//! Oracle reports and ticks: docs/spec/prices.md § 1 to § 4.

use zkperp_engine::{
    Command, Envelope, Event, MarketParams, OracleEntry, OracleReport, PricingParams, Recorded,
    Refusal, Side, VenueParams, Verify, address, keeper,
};

use crate::desk::{
    Desk, MARK, Result, STALENESS_MS, TICK_MAX_MS, gtt, limbs, market, venue, venue_of,
};

fn entry(market: u8, price_ticks: u64) -> OracleEntry {
    OracleEntry {
        market,
        price_ticks,
    }
}

fn send(desk: &mut Desk, change: impl Fn(&mut OracleReport)) -> Result {
    let mut report = OracleReport {
        key: 0,
        timestamp_ms: desk.now_ms,
        entries: vec![entry(0, MARK + 1)],
    };
    change(&mut report);
    desk.command(Command::Oracle(report))
}

/// Three oracles, of which two must agree within 1 %.
fn three_oracles() -> VenueParams {
    VenueParams {
        oracle_keys: (0..3).map(limbs).collect(),
        quorum: 2,
        ..venue()
    }
}

#[test]
fn a_report_is_kept_by_key_and_market_and_no_mark_changes() {
    let mut desk = Desk::open();
    desk.now_ms += 10;
    let timestamp_ms = desk.now_ms;
    let outcome = send(&mut desk, |report| report.entries.push(entry(1, 7))).unwrap();
    assert_eq!(outcome.0, [0, 0, timestamp_ms, 2]);
    let event = |market, price| Event::OracleReport {
        key: 0,
        market,
        price,
        timestamp_ms,
    };
    assert_eq!(desk.effects.events, [event(0, MARK + 1), event(1, 7)]);
    let words = desk.effects.record.words().to_vec();
    assert_eq!(words, [2 + (10 << 51), 2 << 30, MARK + 1, 7 + (1 << 32)]);
    let report = desk.state.leaf(address::market(1) + 8);
    assert_eq!(report, [7, timestamp_ms, 0, 0, 0, 0, 0, 0]);
    assert_eq!(desk.state.market(1).unwrap().mark.mark_ticks, MARK);
    assert_eq!(desk.state.touched().len(), 4);
}

#[test]
fn each_check_of_a_report_has_its_code() {
    let mut desk = Desk::open();
    desk.now_ms += 10;
    let now = desk.now_ms;
    let reported = desk.state.market(0).unwrap().reports[0].time_ms;
    let mut is = |change: fn(&mut OracleReport, [u64; 2]), refusal| {
        let result = send(&mut desk, |report| change(report, [now, reported]));
        assert_eq!(result, Err(refusal));
    };
    let malformed = Refusal::Malformed;
    is(|r, _| r.key = 8, malformed);
    is(|r, _| r.entries.clear(), malformed);
    is(|r, _| r.entries[0].market = 32, malformed);
    is(|r, _| r.entries[0].price_ticks = 1 << 32, malformed);
    is(|r, _| r.timestamp_ms = 1 << 44, malformed);
    is(|r, _| r.entries.push(entry(0, 1)), malformed);
    is(|r, _| r.entries.insert(0, entry(1, 1)), malformed);
    is(
        |r, _| r.entries = (0..33).map(|m| entry(m, 1)).collect(),
        malformed,
    );
    is(|r, _| r.key = 7, Refusal::UnknownOracleKey);
    is(
        |r, [now, _]| r.timestamp_ms = now + 1,
        Refusal::PriceFromFuture,
    );
    let old = |r: &mut OracleReport, [now, _]: [u64; 2]| r.timestamp_ms = now - STALENESS_MS - 1;
    is(old, Refusal::PriceTooOld);
    is(|r, _| r.entries[0].market = 2, Refusal::UnknownMarket);
    is(|r, _| r.entries[0].price_ticks = 0, Refusal::BadPrice);
    is(|r, _| r.entries[0].price_ticks = 1 << 24, Refusal::BadPrice);
    is(|r, [_, last]| r.timestamp_ms = last, Refusal::PriceNotNewer);
    is(
        |r, [_, last]| r.timestamp_ms = last - 1,
        Refusal::PriceNotNewer,
    );
    // Entries are looked at one after the other, each with all its checks.
    is(
        |r, [_, last]| {
            r.timestamp_ms = last;
            r.entries.push(entry(2, 0));
        },
        Refusal::PriceNotNewer,
    );
}

#[test]
fn the_oldest_and_the_greatest_price_that_may_come() {
    let mut desk = Desk::bare();
    desk.now_ms += 4000;
    let oldest = desk.now_ms - STALENESS_MS;
    send(&mut desk, |r| r.timestamp_ms = oldest).unwrap();
    assert_eq!(desk.effects.record.words()[1], STALENESS_MS + (1 << 30));
    send(&mut desk, |r| r.entries[0].price_ticks = (1 << 24) - 1).unwrap();
}

#[test]
fn a_bad_signature_speaks_before_an_unknown_market() {
    let mut desk = Desk::open();
    let report = OracleReport {
        key: 0,
        timestamp_ms: 0,
        entries: vec![entry(2, 0)],
    };
    let envelope = Envelope {
        time_ms: desk.now_ms,
        command: Command::Oracle(report),
        signature: Some([1; 80]),
    };
    let bad = desk.apply_with(&envelope, &Verify);
    assert_eq!(bad, Err(Refusal::BadSignature));
    let old = desk.apply_with(&envelope, &Recorded(true));
    assert_eq!(old, Err(Refusal::PriceTooOld));
}

#[test]
fn a_tick_needs_a_quorum_that_agrees_and_takes_the_median() {
    let mut desk = Desk::genesis(&three_oracles());
    desk.now_ms += 5;
    assert_eq!(desk.tick(0), Err(Refusal::NoQuorum));
    desk.report(0, 0, 1000).unwrap();
    assert_eq!(desk.tick(0), Err(Refusal::NoQuorum));
    desk.report(1, 0, 1100).unwrap();
    // Of two the lower is the median; the other is 10 % off.
    assert_eq!(desk.tick(0), Err(Refusal::NoQuorum));
    desk.report(2, 0, 1010).unwrap();
    assert_eq!(desk.tick(0).unwrap().0, [0, 0, 1010, 1010]);
    let mark = Event::Mark {
        market: 0,
        index: 1010,
        mark: 1010,
        premium_ppm: 0,
        impact_bid: 0,
        impact_ask: 0,
    };
    assert_eq!(desk.effects.events, [mark]);
    assert_eq!(desk.effects.record.words(), [12]);
    assert_eq!(desk.tick(0), Err(Refusal::TickTooSoon));
    assert_eq!(desk.tick(2), Err(Refusal::UnknownMarket));
    assert_eq!(desk.tick(32), Err(Refusal::Malformed));
    // Reports count as long as they are fresh.
    desk.later(STALENESS_MS);
    desk.tick(0).unwrap();
    desk.later(1);
    assert_eq!(desk.tick(0), Err(Refusal::NoQuorum));
}

#[test]
fn a_tick_writes_the_bands_the_mark_and_every_tier() {
    let banded = MarketParams {
        multiplier: 3,
        pricing: PricingParams {
            band_ppm: 50_000,
            ..market().pricing
        },
        tiers: vec![
            crate::desk::tier(100, 100_000),
            crate::desk::tier(200, 200_000),
        ],
        lots_max: 200,
        lots_min: 1,
        ..market()
    };
    let mut desk = Desk::open_at(&venue_of(vec![banded]));
    desk.mark(0, 1001);
    let now = desk.now_ms;
    let base = address::market(0);
    assert_eq!(desk.state.leaf(base)[2..4], [951, 1051]);
    assert_eq!(desk.state.leaf(base + 2), [1001, 1001, now, 0, 0, 0, 0, 0]);
    let bias = 1 << 40;
    let tier = |upto, imf, mmf, cmf| [upto, 3003, 0, imf, mmf, cmf, now, bias];
    assert_eq!(
        desk.state.leaf(base + 16),
        tier(100, 100_000, 60_000, 40_000)
    );
    assert_eq!(
        desk.state.leaf(base + 17),
        tier(200, 200_000, 120_000, 80_000)
    );
    assert_eq!(desk.state.leaf(base + 18), [0; 8]);
    // Orders beyond the bands are refused: buys above, sales below.
    let band = Err(Refusal::PriceBand);
    assert_eq!(desk.place(1, gtt(Side::Bid, 1052, 1)), band);
    assert_eq!(desk.place(1, gtt(Side::Ask, 950, 1)), band);
    let [bid, ..] = desk.placed(1, gtt(Side::Bid, 950, 2));
    desk.placed(1, gtt(Side::Ask, 1052, 1));
    assert_eq!(desk.amend(1, bid, 1052, 2), band);
    // What rests outside of them stays, may be made smaller and goes.
    desk.mark(0, 500);
    desk.amend(1, bid, 950, 1).unwrap();
    assert_eq!(desk.amend(1, bid, 950, 3), band);
    desk.cancel(1, bid).unwrap();
}

#[test]
fn the_mark_follows_a_premium_slowly_and_the_book_stays_in_between() {
    let thin = MarketParams {
        pricing: PricingParams {
            impact_quote: 2000,
            ..market().pricing
        },
        ..market()
    };
    let mut desk = Desk::open_at(&venue_of(vec![thin]));
    desk.mark(0, 1000);
    desk.placed(1, gtt(Side::Bid, 1015, 5));
    desk.placed(2, gtt(Side::Ask, 1025, 1));
    desk.placed(2, gtt(Side::Ask, 1030, 5));
    desk.later(6000);
    desk.report(0, 0, 1000).unwrap();
    // Bid 1015, ask ceil((1025 + 1030) / 2) = 1028; premium 1.5 %, a tenth of it after 6 s of 60.
    assert_eq!(desk.tick(0).unwrap().0, [0, 0, 1000, 1001]);
    let mark = Event::Mark {
        market: 0,
        index: 1000,
        mark: 1001,
        premium_ppm: 15_000,
        impact_bid: 1015,
        impact_ask: 1028,
    };
    assert_eq!(desk.effects.events, [mark]);
    assert_eq!(desk.state.market(0).unwrap().mark.basis_ppm, 1500);
    // The premium counts from the tick on.
    desk.now_ms += 4000;
    desk.report(0, 0, 1000).unwrap();
    desk.tick(0).unwrap();
    let funding = desk.state.market(0).unwrap().funding;
    assert_eq!(funding.premium_sum, 15_000 * 4000);
    // A tick that comes late is sampled no longer than it may be late.
    desk.later(TICK_MAX_MS + 5000);
    desk.report(0, 0, 1000).unwrap();
    desk.tick(0).unwrap();
    let funding = desk.state.market(0).unwrap().funding;
    let sum = 15_000 * (4000 + TICK_MAX_MS.cast_signed());
    assert_eq!(funding.premium_sum, sum);
}

#[test]
fn no_risk_is_taken_where_a_tick_is_overdue() {
    let mut desk = Desk::open();
    let other = |order: zkperp_engine::Place| zkperp_engine::Place { market: 1, ..order };
    desk.placed(2, gtt(Side::Ask, MARK, 10));
    desk.placed(1, gtt(Side::Bid, MARK, 10));
    let [maker, ..] = desk.placed(3, gtt(Side::Ask, MARK, 10));
    let ticked = desk.state.market(1).unwrap().mark.tick_ms;
    desk.now_ms = ticked + TICK_MAX_MS - 1;
    desk.later(0);
    // Market 0 is overdue, market 1 not yet.
    let overdue = Err(Refusal::TickOverdue);
    desk.now_ms += 1;
    desk.report(0, 1, MARK).unwrap();
    assert_eq!(desk.place(1, gtt(Side::Bid, MARK, 1)), overdue);
    assert_eq!(desk.place(1, other(gtt(Side::Bid, MARK, 1))), overdue);
    assert_eq!(desk.amend(3, maker, MARK + 1, 10), overdue);
    assert_eq!(desk.withdraw(1, 1), overdue);
    desk.withdraw(4, 1).unwrap();
    desk.placed(4, other(gtt(Side::Bid, MARK, 1)));
    // Reducing and cancelling go on, and a maker that was checked before is filled.
    desk.placed(2, gtt(Side::Bid, MARK, 10));
    assert_eq!(desk.trades(), [(maker, MARK, 10)]);
    desk.placed(1, gtt(Side::Ask, MARK, 10));
    desk.mark(0, MARK);
    desk.withdraw(1, 1).unwrap();
}

#[test]
fn the_keeper_says_what_has_to_come_first() {
    let mut desk = Desk::open();
    let ticked = [0, 1].map(|m| desk.state.market(m).unwrap().mark.tick_ms);
    let due = |desk: &Desk, time_ms, margin_ms| keeper::due(&desk.state, time_ms, margin_ms);
    assert!(due(&desk, desk.now_ms, 1000).is_nothing());
    let at = ticked[0] + TICK_MAX_MS - 1000;
    let late = due(&desk, at + 1, 1000);
    // Its oracle's report is no longer fresh by then.
    assert_eq!((late.ticks, late.no_quorum), (0, 1));
    desk.later(at - desk.now_ms);
    desk.report(0, 0, MARK).unwrap();
    let late = due(&desk, at + 1, 1000);
    assert_eq!((late.ticks, late.no_quorum), (1, 0));
    assert_eq!(late.markets().collect::<Vec<_>>(), [0]);
    desk.apply(&keeper::tick(0, at + 1)).unwrap();
    assert_eq!(due(&desk, at + 1, 1000).ticks, 0);
    // Past the next hour, two funds and a time command come before anything else.
    let target = desk.state.funding_due_ms() + 3_600_001 + 5000;
    let mut kinds = Vec::new();
    while let Some(envelope) = keeper::before(&desk.state, target) {
        kinds.push(envelope.command.clone());
        desk.apply(&envelope).unwrap();
    }
    assert_eq!(kinds, [Command::Fund, Command::Fund, Command::Time]);
    assert_eq!(desk.state.time_ms(), target);
}
