//! Oracle prices: docs/spec/commands.md § 7.

use zkperp_engine::{Command, Envelope, Event, OraclePrice, Recorded, Refusal, Verify};

use crate::desk::{Desk, MARK, Result, STALENESS_MS};

fn send(desk: &mut Desk, change: impl Fn(&mut OraclePrice)) -> Result {
    let mut price = OraclePrice {
        key: 0,
        market: 0,
        price_ticks: MARK + 1,
        timestamp_ms: desk.now_ms,
    };
    change(&mut price);
    desk.command(Command::Oracle(price))
}

#[test]
fn a_price_becomes_the_mark() {
    let mut desk = Desk::open();
    desk.now_ms += 10;
    let timestamp_ms = desk.now_ms;
    let outcome = send(&mut desk, |_| {}).unwrap();
    assert_eq!(outcome.0, [0, MARK + 1, timestamp_ms, 0]);
    let event = Event::Mark {
        market: 0,
        price: MARK + 1,
        timestamp_ms,
    };
    assert_eq!(desk.effects.events, [event]);
    assert_eq!(desk.state.market(0).unwrap().mark_ticks, MARK + 1);
    assert_eq!(desk.state.market(1).unwrap().mark_ticks, MARK);
}

#[test]
fn each_check_has_its_code() {
    let mut desk = Desk::open();
    desk.now_ms += 10;
    let now = desk.now_ms;
    let marked = desk.state.market(0).unwrap().mark_time_ms;
    let mut is = |change: fn(&mut OraclePrice, [u64; 2]), refusal| {
        let result = send(&mut desk, |price| change(price, [now, marked]));
        assert_eq!(result, Err(refusal));
    };
    is(|p, _| p.key = 16, Refusal::Malformed);
    is(|p, _| p.market = 32, Refusal::Malformed);
    is(|p, _| p.price_ticks = 1 << 32, Refusal::Malformed);
    is(|p, _| p.timestamp_ms = 1 << 44, Refusal::Malformed);
    is(|p, _| p.key = 1, Refusal::UnknownOracleKey);
    is(|p, _| p.market = 2, Refusal::UnknownMarket);
    is(
        |p, [now, _]| p.timestamp_ms = now + 1,
        Refusal::PriceFromFuture,
    );
    is(
        |p, [now, _]| p.timestamp_ms = now - STALENESS_MS - 1,
        Refusal::PriceTooOld,
    );
    is(
        |p, [_, marked]| p.timestamp_ms = marked,
        Refusal::PriceNotNewer,
    );
    is(
        |p, [_, marked]| p.timestamp_ms = marked - 1,
        Refusal::PriceNotNewer,
    );
    is(|p, _| p.price_ticks = 0, Refusal::BadPrice);
    is(|p, _| p.price_ticks = 1 << 24, Refusal::BadPrice);
}

#[test]
fn the_oldest_and_the_greatest_price_that_may_come() {
    let mut desk = Desk::bare();
    desk.now_ms += 4000;
    let oldest = desk.now_ms - STALENESS_MS;
    send(&mut desk, |p| p.timestamp_ms = oldest).unwrap();
    assert_eq!(desk.effects.record.words()[1] >> 32, STALENESS_MS);
    send(&mut desk, |p| p.price_ticks = (1 << 24) - 1).unwrap();
}

#[test]
fn a_bad_signature_speaks_before_an_unknown_market() {
    let mut desk = Desk::open();
    let price = OraclePrice {
        key: 0,
        market: 2,
        price_ticks: 0,
        timestamp_ms: 0,
    };
    let envelope = Envelope {
        time_ms: desk.now_ms,
        command: Command::Oracle(price),
        signature: Some([1; 80]),
    };
    assert_eq!(
        desk.apply_with(&envelope, &Verify),
        Err(Refusal::BadSignature)
    );
    assert_eq!(
        desk.apply_with(&envelope, &Recorded(true)),
        Err(Refusal::UnknownMarket)
    );
}
