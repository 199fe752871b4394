//! Commands a second of the whole engine on generated flow like the recorded one: every check of
//! the rule book, with signatures taken as verified before.
//!
//! - `apply`: state and events alone;
//! - `apply_and_log`: with the bytes of both logs;
//! - `seal_500`: batches of 500 commands, sealed: log chain, tree and root included.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use zkperp_engine::log::commands::LoggedCommand;
use zkperp_engine::log::events;
use zkperp_engine::log::frame::push_frame;
use zkperp_engine::{
    Command, Domain, Effects, Engine, Envelope, MarketParams, Recorded, Request, State, VenueParams,
};
use zkperp_flow::{Generator, Importer, ImporterConfig, Keys, Row, opening_mid};

const ROWS: usize = 100_000;
const TRADERS: u32 = 200;
const START_MS: u64 = 1_700_000_000_000;

/// A venue with funded accounts, and the commands that the flow gives there, refused ones included.
fn workload() -> (Engine, Vec<Envelope>) {
    let rows: Vec<Row> = Generator::new(1).take(ROWS).collect();
    let opening = opening_mid(&rows).expect("the feed has both sides");
    let config = ImporterConfig::new(0, TRADERS, START_MS + 1000, opening);
    let keys = Keys::new(1, config.accounts());
    let mut engine = Engine::genesis(&VenueParams {
        domain: Domain::new(31337, &[1; 20]).expect("the chain id is small"),
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
    })
    .expect("the parameters are good");
    for account in 1..=config.accounts() {
        let owner = [account.into(), 0, 0];
        let words = keys
            .deposit(account, owner, 1_000_000_000_000)
            .expect("it has a key");
        let number = u64::from(account) - 1;
        let envelope = Envelope {
            time_ms: START_MS,
            command: Command::Request(Request { number, words }),
            signature: None,
        };
        engine
            .apply(&envelope, &Recorded(true))
            .expect("a deposit is always executed");
    }
    engine.seal().expect("the batch has deposits");
    let mut state = engine.state().clone();
    let mut importer = Importer::new(config);
    let mut effects = Effects::new();
    let mut commands = Vec::new();
    for row in &rows {
        if let Some(price) = importer.price() {
            state
                .apply(&price, &Recorded(true), &mut effects)
                .expect("the price is fresh");
            commands.push(price);
        }
        let mut envelope = importer.command(row, &state);
        if let Ok(outcome) = state.apply(&envelope, &Recorded(true), &mut effects) {
            importer.accepted(row, &outcome);
        }
        // As long as a real one: the logs hold it.
        envelope.signature = Some([7; 80]);
        commands.push(envelope);
    }
    (engine, commands)
}

fn apply(state: &mut State, commands: &[Envelope]) -> usize {
    let mut effects = Effects::new();
    let mut events = 0;
    for command in commands {
        if state.apply(command, &Recorded(true), &mut effects).is_ok() {
            events += effects.events.len();
        }
    }
    events
}

/// Bytes of a log after which a writer would hand its buffer on.
const BUFFER: usize = 1 << 18;

fn apply_and_log(state: &mut State, commands: &[Envelope], logs: &mut [Vec<u8>; 2]) {
    let mut effects = Effects::new();
    let mut words = Vec::new();
    let [command_log, event_log] = logs;
    for command in commands {
        let number = state.commands();
        if let Ok(outcome) = state.apply(command, &Recorded(true), &mut effects) {
            words.clear();
            LoggedCommand::new(command, &effects.record).push_words(&mut words);
            push_frame(&words, command_log);
            events::push(number, Ok(outcome), &effects.events, &mut words, event_log);
            for log in [&mut *command_log, &mut *event_log] {
                if log.len() >= BUFFER {
                    log.clear();
                }
            }
        }
    }
}

fn seal_every_500(engine: &mut Engine, commands: &[Envelope]) {
    for batch in commands.chunks(500) {
        for command in batch {
            let _ = engine.apply(command, &Recorded(true));
        }
        engine.seal().expect("the batch has a command");
    }
}

fn bench(criterion: &mut Criterion) {
    let (engine, commands) = workload();
    let mut group = criterion.benchmark_group("engine");
    group
        .throughput(Throughput::Elements(commands.len() as u64))
        .sample_size(10);
    group.bench_function("apply", |bencher| {
        bencher.iter_batched_ref(
            || engine.state().clone(),
            |state| apply(state, &commands),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("apply_and_log", |bencher| {
        bencher.iter_batched_ref(
            || {
                (
                    engine.state().clone(),
                    [(); 2].map(|()| Vec::with_capacity(2 * BUFFER)),
                )
            },
            |(state, logs)| apply_and_log(state, &commands, logs),
            BatchSize::PerIteration,
        );
    });
    group.throughput(Throughput::Elements(20_000));
    group.bench_function("seal_500", |bencher| {
        bencher.iter_batched_ref(
            || engine.clone(),
            |engine| seal_every_500(engine, &commands[..20_000]),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
