//! A batch of one command that the program is given whatever the engine says of it.

use std::collections::BTreeMap;

use zkperp_engine::{Advice, Command, Engine, Envelope, Outcome, Refusal, Verify};
use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_schema as schema;
use zkperp_signature::Signature;
use zkperp_tree::Tree;
use zkperp_vm::builtins::state::StateInput;
use zkperp_vm::runner::touched_leaves;
use zkperp_vm::{Input, Run, RunOptions, VmError};
use zkperp_witness::AdviceWriter;

use crate::desk::Desk;
use crate::support::program;

/// Accounts that a command may name.
const ACCOUNTS: [std::ops::Range<u64>; 3] = [
    0..10,
    schema::SUB_ACCOUNT_END..schema::SUB_ACCOUNT_END + 1,
    schema::SUB_ACCOUNT_FIRST..schema::SUB_ACCOUNT_FIRST + 4,
];

/// What the program is given: it may be changed before it is run.
#[derive(Clone, Debug)]
pub(crate) struct Forced {
    pub(crate) named: BTreeMap<String, F>,
    pub(crate) advice: Vec<F>,
    pub(crate) places: Vec<F>,
    pub(crate) leaves: BTreeMap<u64, [F; 8]>,
    pub(crate) signatures: Vec<Signature>,
    tree: Tree,
}

impl Forced {
    /// The commands as a batch upon the desk's last seal. Counts are what the contract would see.
    pub(crate) fn new(desk: &Desk, commands: &[(Envelope, Advice)], withdrawals: u64) -> Self {
        let old = desk.engine.tree();
        let mut writer = AdviceWriter::new(old).unwrap();
        let mut forced = Self {
            named: BTreeMap::new(),
            advice: Vec::new(),
            places: Vec::new(),
            leaves: old.leaves().map(|(addr, leaf)| (addr, *leaf)).collect(),
            signatures: Vec::new(),
            tree: old.clone(),
        };
        let mut words = 0;
        for (envelope, advice) in commands {
            forced.advice.extend(
                writer
                    .record(envelope, advice, &outcome(desk, envelope))
                    .unwrap(),
            );
            let bytes = envelope.signature.as_ref();
            forced
                .signatures
                .extend(bytes.map(|bytes| Signature::from_bytes(bytes).unwrap()));
            words += record_words(&envelope.command);
        }
        let empty = ACCOUNTS
            .into_iter()
            .flatten()
            .flat_map(account_addresses)
            .chain(free_addresses());
        for addr in empty {
            forced.leaves.entry(addr).or_insert([F::ZERO; 8]);
        }
        forced.places = writer.places().to_vec();
        let domain = desk.engine.state().domain();
        let requests = commands
            .iter()
            .filter(|(envelope, _)| matches!(envelope.command, Command::Request(_)));
        for (name, value) in [
            ("chain_id", domain.chain_id),
            ("rollup0", domain.rollup[0]),
            ("rollup1", domain.rollup[1]),
            ("rollup2", domain.rollup[2]),
            ("requests_count", requests.count() as u64),
            ("withdrawals_count", withdrawals),
            ("commands_count", commands.len() as u64),
            ("command_words", words),
        ] {
            forced.named.insert(name.to_owned(), F::from_u64(value));
        }
        forced
    }

    /// Changes felts of old leaves behind the rules' back: (address, felt, value).
    pub(crate) fn set(&mut self, changes: &[(u64, usize, u64)]) {
        for &(addr, index, value) in changes {
            let mut leaf = self.tree.get(addr).unwrap();
            leaf[index] = F::from_u64(value);
            self.tree.update(&[(addr, leaf)]).unwrap();
            self.leaves.insert(addr, leaf);
        }
    }

    /// What the program is given, with every leaf that there is.
    fn input(&self) -> Input {
        Input {
            named: self.named.clone(),
            advice: zkperp_witness::advice(&self.advice, &self.places),
            state: Some(StateInput {
                depth: schema::TREE_DEPTH as u32,
                leaves: self.leaves.clone(),
                frontier: Vec::new(),
            }),
            signatures: self.signatures.clone(),
        }
    }

    /// A leaf after the program's run.
    pub(crate) fn leaf_after(&self, addr: u64) -> [F; 8] {
        let touched = touched_leaves(program(), &self.input(), &RunOptions::default());
        let touched = touched.unwrap_or_else(|error| panic!("{error}"));
        let leaf = touched.iter().find(|leaf| leaf.addr == addr);
        leaf.map_or_else(|| self.tree.get(addr).unwrap(), |leaf| leaf.new)
    }

    /// Runs the program to its end, signatures included.
    pub(crate) fn run(&self) -> Result<(), VmError> {
        self.finish().map(|_| ())
    }

    fn finish(&self) -> Result<Run, VmError> {
        let mut input = self.input();
        let options = RunOptions::default();
        let touched = touched_leaves(program(), &input, &options)?;
        let addresses: Vec<u64> = touched.iter().map(|leaf| leaf.addr).collect();
        input.state = Some(StateInput {
            depth: schema::TREE_DEPTH as u32,
            leaves: touched.iter().map(|leaf| (leaf.addr, leaf.old)).collect(),
            frontier: self.tree.prove_many(&addresses).unwrap(),
        });
        zkperp_vm::run(program(), &input, &options)
    }

    /// The program runs on this leaf in place of the tree's; but it says that it started from another root,
    /// which no contract has.
    pub(crate) fn starts_elsewhere(&self, name: &str, addr: u64, leaf: [u64; 8]) {
        let mut forced = self.clone();
        forced.leaves.insert(addr, leaf.map(F::from_u64));
        let run = forced.finish();
        let run = run.unwrap_or_else(|error| panic!("{name}: {error}"));
        let root = run.state.as_ref().map(|state| state.root.old);
        assert!(root.is_some_and(|root| root != self.tree.root()), "{name}");
    }

    /// Runs the program, which must break off in the function `place` or one it calls.
    pub(crate) fn breaks_off(&self, name: &str, place: &str) {
        let error = self.run().err();
        let text = error.map_or_else(|| "it ran".to_owned(), |error| error.to_string());
        assert!(
            text.contains(place) && !text.contains("among those given"),
            "{name}: expected to break off in {place}: {text}"
        );
    }
}

fn account_addresses(account: u64) -> std::ops::Range<u64> {
    let base = schema::ACCOUNT_BASE + schema::ACCOUNT_STRIDE * account;
    base..base + schema::ACCOUNT_STRIDE
}

/// Leaves that a command may find empty: slots, markets, oracle keys.
fn free_addresses() -> impl Iterator<Item = u64> {
    [
        (schema::ORDER_BASE, 400),
        (schema::LEVEL_BASE, 400),
        (
            schema::MARKET_BASE,
            schema::MARKETS_MAX * schema::MARKET_STRIDE,
        ),
        (schema::SYSTEM_BASE, 40),
        (schema::CONDITIONAL_BASE, 400),
        // The first places of the first pages of client ids.
        (schema::CLIENT_ORDER_BASE, 40),
        (
            schema::CLIENT_ORDER_BASE + (1 << schema::NAMES_LOW_BITS),
            40,
        ),
        (
            schema::CLIENT_ORDER_BASE + (2 << schema::NAMES_LOW_BITS),
            40,
        ),
    ]
    .into_iter()
    .flat_map(|(base, count)| base..base + count)
}

/// The outcome of a tick as far as the index goes, and the code of a triggered order; of other commands
/// nothing is asked.
fn outcome(desk: &Desk, envelope: &Envelope) -> Outcome {
    match envelope.command {
        Command::Tick { market } => {
            let index = desk.engine.state().index_price(market, envelope.time_ms);
            Outcome([0, 0, index.unwrap_or(0), 0])
        }
        Command::Trigger => {
            let mut engine = desk.engine.clone();
            let applied = engine.apply(envelope, &Verify);
            applied.map_or(Outcome([0; 4]), |(outcome, _)| outcome)
        }
        _ => Outcome([0; 4]),
    }
}

fn record_words(command: &Command) -> u64 {
    match command {
        Command::Time
        | Command::Tick { .. }
        | Command::Fund
        | Command::Sweep
        | Command::Liquidate
        | Command::Trigger
        | Command::Deleverage { .. } => 1,
        Command::Oracle(report) => 2 + report.entries.len() as u64,
        Command::Request(_) => 2,
        Command::Quote(quote) => 2 + 3 * quote.entries.len() as u64,
        Command::User(user) => match user.kind {
            4 if user.words[3] != 0 => 5,
            21 => 6,
            kind @ 4..=11 => [4, 2, 4, 3, 2, 2, 3, 2][usize::from(kind) - 4],
            _ => 2,
        },
    }
}

/// The command alone upon the desk's last seal: the engine refuses it with `code`, and the program,
/// given it all the same, breaks off in `place`.
pub(crate) fn refused(
    desk: &Desk,
    command: Command,
    advice: Advice,
    (code, place): (Refusal, &str),
) {
    let envelope = desk.envelope(command);
    refused_envelope(desk, envelope, advice, (code, place));
}

pub(crate) fn refused_envelope(
    desk: &Desk,
    envelope: Envelope,
    advice: Advice,
    (code, place): (Refusal, &str),
) {
    let mut engine: Engine = desk.engine.clone();
    assert_eq!(engine.open_commands(), 0, "the desk is sealed");
    let result = engine.apply(&envelope, &Verify).map(|(outcome, _)| outcome);
    assert_eq!(result, Err(code), "{envelope:?}");
    let forced = Forced::new(desk, &[(envelope, advice)], 0);
    forced.breaks_off(&format!("{code:?}"), place);
}

/// The command alone, upon the last seal with some felts changed so that the rules refuse it (states
/// that the engine won't open, so that only the program is asked): it breaks off in `place`.
pub(crate) fn refused_upon(
    desk: &Desk,
    changes: &[(u64, usize, u64)],
    command: Command,
    advice: Advice,
    (code, place): (Refusal, &str),
) {
    let envelope = desk.envelope(command);
    let mut forced = Forced::new(desk, &[(envelope, advice)], 0);
    forced.set(changes);
    forced.breaks_off(&format!("{code:?}"), place);
}

/// The command alone, which engine and program accept, with the engine's advice: its input.
pub(crate) fn accepted(desk: &Desk, command: Command) -> Forced {
    let mut desk = desk.clone();
    let envelope = desk.envelope(command);
    let (_, effects) = desk.engine.apply(&envelope, &Verify).unwrap();
    let (advice, withdrawals) = (effects.advice.clone(), effects.withdrawals.len() as u64);
    desk.engine.rollback();
    let forced = Forced::new(&desk, &[(envelope, advice)], withdrawals);
    forced.run().unwrap_or_else(|error| panic!("{error}"));
    forced
}
