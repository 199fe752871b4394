//! As `refusals`, of oracle reports, ticks and funding, with advice that lies about the index.

use zkperp_engine::{Command, Envelope, OracleReport, Refusal};
use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_schema as schema;

use crate::desk::{Desk, MARK, STALENESS_MS};
use crate::forced::{Forced, accepted, refused, refused_envelope, refused_upon};
use crate::refusals::NONE;

const REPORT: &str = "oracle_report.oracle_report";
const ENTRY: &str = "reports.store_entry";
const TICK: &str = "sequencer_tick.";
const INDEX: &str = "index.assert_index";
const FUND: &str = "sequencer_fund.";
const SEAL: &str = "execute_batch.seal";

/// Felts of a tick's record.
const TICK_MARKET: usize = 2;
const TICK_INDEX: usize = 3;

/// A millisecond after the first marks.
fn desk() -> Desk {
    Desk::sealed().later()
}

fn report(desk: &Desk, change: impl FnOnce(&mut OracleReport)) -> Command {
    let mut command = desk.report_command(0, &[(0, MARK + 1), (1, MARK + 2)]);
    if let Command::Oracle(report) = &mut command {
        change(report);
    }
    command
}

#[test]
fn reports() {
    let desk = desk();
    let now = desk.now_ms;
    accepted(&desk, report(&desk, |_| ()));
    let all: Vec<(u8, u64)> = (0..2).map(|market| (market, MARK)).collect();
    accepted(&desk, desk.report_command(2, &all));
    let case = |change: &dyn Fn(&mut OracleReport), fault| {
        refused(&desk, report(&desk, change), NONE, fault);
    };
    case(&|r| r.key = 8, (Refusal::Malformed, REPORT));
    case(&|r| r.entries.clear(), (Refusal::Malformed, REPORT));
    case(&|r| r.entries[1].market = 0, (Refusal::Malformed, ENTRY));
    case(&|r| r.entries.reverse(), (Refusal::Malformed, ENTRY));
    case(&|r| r.entries[1].market = 32, (Refusal::Malformed, ENTRY));
    let entry = zkperp_engine::OracleEntry {
        market: 31,
        price_ticks: 1,
    };
    let many = |r: &mut OracleReport| r.entries = vec![entry; 33];
    case(&many, (Refusal::Malformed, REPORT));
    case(&|r| r.key = 3, (Refusal::UnknownOracleKey, REPORT));
    let future = (Refusal::PriceFromFuture, REPORT);
    case(&|r| r.timestamp_ms = now + 1, future);
    let old = (Refusal::PriceTooOld, REPORT);
    case(&|r| r.timestamp_ms = now - STALENESS_MS - 1, old);
    let unknown = (Refusal::UnknownMarket, ENTRY);
    case(&|r| r.entries[1].market = 5, unknown);
    case(
        &|r| r.entries[0].price_ticks = 0,
        (Refusal::BadPrice, ENTRY),
    );
    let high = (Refusal::BadPrice, ENTRY);
    case(&|r| r.entries[1].price_ticks = 100_001, high);
    let again = (Refusal::PriceNotNewer, ENTRY);
    case(&|r| r.timestamp_ms = now - 1, again);

    // Prices that the oracle signed for another market, in another order of size, or as another key.
    let schnorr = (Refusal::BadSignature, "schnorr");
    let signed = |command: Command| desk.envelope(command).signature;
    for (said, sent) in [
        (
            desk.report_command(0, &[(1, MARK)]),
            desk.report_command(0, &[(0, MARK)]),
        ),
        (
            report(&desk, |_| ()),
            report(&desk, |r| r.entries[1].price_ticks += 1),
        ),
        (
            desk.report_command(1, &[(0, MARK)]),
            desk.report_command(2, &[(0, MARK)]),
        ),
    ] {
        let envelope = Envelope {
            signature: signed(said),
            ..desk.envelope(sent)
        };
        refused_envelope(&desk, envelope, NONE, schnorr);
    }
    let scale = [(schema::MARKET_BASE, 0, 4)];
    let one = desk.report_command(0, &[(0, MARK)]);
    refused_upon(&desk, &scale, one, NONE, schnorr);
}

#[test]
fn ticks() {
    let mut desk = desk();
    let tick = |market| Command::Tick { market };
    accepted(&desk, tick(0));
    refused(&desk, tick(32), NONE, (Refusal::Malformed, TICK));
    // Of a market that does not exist there is no report either.
    refused(&desk, tick(5), NONE, (Refusal::UnknownMarket, INDEX));
    let exists = [(schema::MARKET_BASE, 1, 0)];
    let unknown = (Refusal::UnknownMarket, TICK);
    refused_upon(&desk, &exists, tick(0), NONE, unknown);
    let mut soon = Desk::sealed();
    soon.now_ms = soon.engine.state().time_ms();
    refused(&soon, tick(1), NONE, (Refusal::TickTooSoon, TICK));

    // One of two reports is 1 % + 1 away; then both are too old.
    let no_quorum = (Refusal::NoQuorum, INDEX);
    let mut apart = desk.clone();
    apart.report(0, &[(0, MARK + 11)]).unwrap();
    apart.engine.seal().unwrap();
    refused(&apart, tick(0), NONE, no_quorum);
    desk.wait(STALENESS_MS + 1);
    desk.engine.seal().unwrap();
    refused(&desk, tick(0), NONE, no_quorum);
}

/// The index is advice, and nothing but the median passes.
#[test]
fn no_index_but_the_median() {
    let mut desk = desk();
    for (key, price) in [(0, MARK - 3), (1, MARK + 2), (2, MARK + 4)] {
        desk.report(key, &[(0, price)]).unwrap();
    }
    desk.engine.seal().unwrap();
    let good = accepted(&desk, Command::Tick { market: 0 });
    assert_eq!(good.advice[TICK_INDEX], F::from_u64(MARK + 2));
    let prices = [MARK - 4, MARK - 3, MARK - 2, MARK + 1, MARK + 3, MARK + 4];
    let odd = [0, 1, 1 << 32, 1 << 62].into_iter().chain(prices);
    for index in odd.map(F::from_u64).chain([-F::ONE]) {
        let mut forced: Forced = good.clone();
        forced.advice[TICK_INDEX] = index;
        forced.breaks_off("another index", INDEX);
    }
    let mut forced = good.clone();
    forced.advice[TICK_MARKET] = F::ONE;
    forced.breaks_off("another market", INDEX);
}

#[test]
fn funding() {
    let mut desk = desk();
    let due = desk.engine.state().funding_due_ms();
    let fund = |time_ms| Envelope {
        time_ms,
        command: Command::Fund,
        signature: None,
    };
    // The record has no time of its own: a fund at another moment can't be said, only one too late.
    desk.now_ms = due;
    desk.command(Command::Time).unwrap();
    desk.engine.seal().unwrap();
    accepted(&desk, Command::Fund);
    desk.now_ms = due + 1;
    let late = Command::User(desk.sender(1).burn_nonce());
    refused(&desk, late, NONE, (Refusal::FundingDue, SEAL));
    let time = (Refusal::FundingDue, SEAL);
    refused(&desk, Command::Time, NONE, time);

    // A command past the hour before the fund of that hour, in one batch.
    let after = Envelope {
        time_ms: due + 1,
        command: Command::Time,
        signature: None,
    };
    let both = Forced::new(&desk, &[(after, NONE), (fund(due), NONE)], 0);
    both.breaks_off("time that passed the hour", FUND);
}
