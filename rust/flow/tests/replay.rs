//! The generator's flow through the importer and the engine, signed and verified.

use std::collections::BTreeMap;

use zkperp_engine::{
    Command, Domain, Engine, Envelope, EventType, Kind, Recorded, Refusal, Request, Signatures,
    VenueParams, Verify, keeper,
};
use zkperp_flow::{
    Generator, Importer, ImporterConfig, Keys, ORACLE_KEYS, PRICE_INTERVAL_MS, Pricing, Row,
    devnet, devnet_market, opening_mid,
};

/// A minute before funding is due.
const START_MS: u64 = 1_700_002_740_000;
const TRADERS: u32 = 12;

#[derive(Debug, Default, PartialEq, Eq)]
struct Report {
    accepted: u64,
    trades: u64,
    ticks: u64,
    fundings: u64,
    triggers: u64,
    refused: BTreeMap<Refusal, u64>,
    /// Accepted user commands by kind.
    kinds: BTreeMap<&'static str, u64>,
}

/// The devnet with one market.
fn venue(keys: &Keys) -> VenueParams {
    let domain = Domain::new(31337, &[1; 20]).unwrap();
    VenueParams {
        markets: vec![devnet_market()],
        ..devnet(domain, START_MS, keys)
    }
}

fn replay(rows: &[Row], is_signed: bool) -> (Engine, Report) {
    replay_varied(rows, is_signed, 0)
}

fn replay_varied(rows: &[Row], is_signed: bool, varied_per_mille: u64) -> (Engine, Report) {
    let config = ImporterConfig {
        varied_per_mille,
        ..ImporterConfig::new(0, TRADERS, START_MS + 1000, opening_mid(rows).unwrap())
    };
    let keys = Keys::new(5, config.accounts(), ORACLE_KEYS);
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
    let mut flow = Flow {
        engine,
        importer: Importer::new(config),
        pricing: Pricing::new(ORACLE_KEYS, PRICE_INTERVAL_MS, 0),
        keys: is_signed.then_some(keys),
        report: Report::default(),
    };
    for row in rows {
        if is_signed {
            flow.step(row, &Verify);
        } else {
            flow.step(row, &Recorded(true));
        }
    }
    (flow.engine, flow.report)
}

struct Flow {
    engine: Engine,
    importer: Importer,
    pricing: Pricing,
    keys: Option<Keys>,
    report: Report,
}

impl Flow {
    fn sign(&self, mut envelope: Envelope) -> Envelope {
        if let Some(keys) = &self.keys {
            keys.sign(self.engine.state(), &mut envelope);
        }
        envelope
    }

    /// What has to come before a command at this time.
    fn reach(&mut self, time_ms: u64, signatures: &impl Signatures) {
        while let Some(envelope) = keeper::before(self.engine.state(), time_ms) {
            self.report.fundings += u64::from(envelope.command == Command::Fund);
            self.report.triggers += u64::from(envelope.command == Command::Trigger);
            self.engine.apply(&envelope, signatures).unwrap();
        }
    }

    fn step(&mut self, row: &Row, signatures: &impl Signatures) {
        let time_ms = self.importer.time_ms();
        self.reach(time_ms, signatures);
        for price in self
            .pricing
            .due(time_ms, &[(0, self.importer.price_ticks())])
        {
            self.report.ticks += u64::from(matches!(price.command, Command::Tick { .. }));
            self.engine.apply(&self.sign(price), signatures).unwrap();
            self.reach(time_ms, signatures);
        }
        let envelope = self.importer.command(row, self.engine.state());
        match self.engine.apply(&self.sign(envelope), signatures) {
            Ok((outcome, effects)) => {
                let kind = effects.record.kind().name();
                *self.report.kinds.entry(kind).or_default() += 1;
                self.importer.accepted(row, &outcome);
                self.report.accepted += 1;
                let trades = effects
                    .events
                    .iter()
                    .filter(|e| e.event_type() == EventType::Trade);
                self.report.trades += trades.count() as u64;
            }
            Err(refusal) => *self.report.refused.entry(refusal).or_default() += 1,
        }
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
    // 20,000 rows are 200 s.
    assert_eq!((report.ticks, report.fundings), (20, 1));
    engine.seal().unwrap();
    let (mut again, same) = replay(&rows, false);
    assert_eq!(report, same);
    again.seal().unwrap();
    assert_eq!(engine.root(), again.root());
}

#[test]
fn a_varied_flow_has_every_kind_of_command_about_orders() {
    let rows: Vec<Row> = Generator::new(13).take(600).collect();
    let (mut signed, report) = replay_varied(&rows, true, 500);
    assert_eq!(report.refused.get(&Refusal::BadSignature), None);
    let (mut recorded, same) = replay_varied(&rows, false, 500);
    assert_eq!(report, same);
    assert_eq!(signed.state_mut().leaves(), recorded.state_mut().leaves());
    let rows: Vec<Row> = Generator::new(13).take(10_000).collect();
    let (mut engine, report) = replay_varied(&rows, false, 300);
    engine.state().check().unwrap();
    let refused: u64 = report.refused.values().sum();
    assert!(refused * 10 < report.accepted, "{report:?}");
    for kind in [
        Kind::Place,
        Kind::Cancel,
        Kind::Amend,
        Kind::CancelNamed,
        Kind::CancelAll,
        Kind::SetDeadline,
        Kind::Quote,
        Kind::PlaceConditional,
        Kind::CancelConditional,
    ] {
        assert!(report.kinds[kind.name()] > 20, "{report:?}");
    }
    assert!(report.triggers > 5, "{report:?}");
    engine.seal().unwrap();
}

#[test]
fn keys_that_are_not_there_sign_nothing() {
    let keys = Keys::new(1, 2, 3);
    assert_eq!(keys.deposit(0, [1, 0, 0], 1), None);
    assert_eq!(keys.deposit(3, [1, 0, 0], 1), None);
    assert_eq!(keys.oracles().len(), 3);
    assert_ne!(Keys::new(2, 2, 3).oracles(), keys.oracles());
}
