//! The generator's flow through the importer and the engine, signed and verified.

use std::collections::BTreeMap;

use zkperp_engine::{
    Command, Domain, Engine, Envelope, EventType, MarketParams, Recorded, Refusal, Request,
    Signatures, VenueParams, Verify,
};
use zkperp_flow::{Generator, Importer, ImporterConfig, Keys, Row, opening_mid};

const START_MS: u64 = 1_700_000_000_000;
const TRADERS: u32 = 12;

#[derive(Debug, Default, PartialEq, Eq)]
struct Report {
    accepted: u64,
    trades: u64,
    refused: BTreeMap<Refusal, u64>,
}

fn venue(keys: &Keys) -> VenueParams {
    VenueParams {
        domain: Domain::new(31337, &[1; 20]).unwrap(),
        start_time_ms: START_MS,
        staleness_ms: 60_000,
        oracle_key: keys.oracle(),
        markets: vec![MarketParams {
            multiplier: 1,
            imf_ppm: 50_000,
            taker_ppm: 500,
            maker_ppm: -100,
            price_max: (1 << 24) - 1,
            lots_max: 1 << 28,
        }],
    }
}

fn replay(rows: &[Row], is_signed: bool) -> (Engine, Report) {
    let config = ImporterConfig::new(0, TRADERS, START_MS + 1000, opening_mid(rows).unwrap());
    let keys = Keys::new(5, config.accounts());
    let mut engine = Engine::genesis(&venue(&keys)).unwrap();
    for account in 1..=config.accounts() {
        let envelope = Envelope {
            time_ms: START_MS,
            command: Command::Request(Request {
                number: u64::from(account) - 1,
                words: keys
                    .deposit(account, [account.into(), 0, 0], 100_000_000_000)
                    .unwrap(),
            }),
            signature: None,
        };
        engine.apply(&envelope, &Verify).unwrap();
    }
    let mut importer = Importer::new(config);
    let mut report = Report::default();
    for row in rows {
        if is_signed {
            step(
                &mut engine,
                &mut importer,
                row,
                Some(&keys),
                &Verify,
                &mut report,
            );
        } else {
            step(
                &mut engine,
                &mut importer,
                row,
                None,
                &Recorded(true),
                &mut report,
            );
        }
    }
    (engine, report)
}

fn step(
    engine: &mut Engine,
    importer: &mut Importer,
    row: &Row,
    keys: Option<&Keys>,
    signatures: &impl Signatures,
    report: &mut Report,
) {
    let domain = *engine.state().domain();
    let sign = |mut envelope: Envelope| {
        if let Some(keys) = keys {
            keys.sign(&domain, 1, &mut envelope);
        }
        envelope
    };
    if let Some(price) = importer.price() {
        engine.apply(&sign(price), signatures).unwrap();
    }
    let envelope = sign(importer.command(row, engine.state()));
    match engine.apply(&envelope, signatures) {
        Ok((outcome, effects)) => {
            importer.accepted(row, &outcome);
            report.accepted += 1;
            let trades = effects
                .events
                .iter()
                .filter(|e| e.event_type() == EventType::Trade);
            report.trades += trades.count() as u64;
        }
        Err(refusal) => *report.refused.entry(refusal).or_default() += 1,
    }
}

#[test]
fn a_signed_flow_is_accepted_and_the_same_without_verifying() {
    let rows: Vec<Row> = Generator::new(11).take(300).collect();
    let (mut signed, report) = replay(&rows, true);
    assert_eq!(report.refused.get(&Refusal::BadSignature), None);
    let (mut recorded, same) = replay(&rows, false);
    assert_eq!(report, same);
    assert_eq!(signed.state_mut().leaves(), recorded.state_mut().leaves());
    signed.seal().unwrap();
}

#[test]
fn a_long_flow_trades_keeps_its_invariants_and_is_mostly_accepted() {
    let rows: Vec<Row> = Generator::new(12).take(20_000).collect();
    let (mut engine, report) = replay(&rows, false);
    engine.state().check().unwrap();
    let refused: u64 = report.refused.values().sum();
    assert!(refused * 50 < report.accepted, "{report:?}");
    assert!(report.trades > 100, "{report:?}");
    engine.seal().unwrap();
    let (mut again, same) = replay(&rows, false);
    assert_eq!(report, same);
    again.seal().unwrap();
    assert_eq!(engine.root(), again.root());
}

#[test]
fn keys_that_are_not_there_sign_nothing() {
    let keys = Keys::new(1, 2);
    assert_eq!(keys.deposit(0, [1, 0, 0], 1), None);
    assert_eq!(keys.deposit(3, [1, 0, 0], 1), None);
    assert_ne!(Keys::new(2, 2).oracle(), keys.oracle());
}
