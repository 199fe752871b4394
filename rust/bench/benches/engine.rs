//! Commands a second of the whole engine on generated flow, taken apart:
//!
//! - `apply`: state and events alone;
//! - `apply_and_log`: with the bytes of both logs;
//! - `seal_500`: batches of 500 commands, sealed: log chain, tree and root included.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use zkperp_bench::engine::{Workload, apply_and_log};
use zkperp_engine::{Effects, Engine, Envelope, Recorded, State};

const ROWS: usize = 100_000;

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

fn seal_every_500(engine: &mut Engine, commands: &[Envelope]) {
    for batch in commands.chunks(500) {
        for command in batch {
            let _ = engine.apply(command, &Recorded(true));
        }
        engine.seal().expect("the batch has a command");
    }
}

fn bench(criterion: &mut Criterion) {
    let Workload { engine, commands } = Workload::new(1, ROWS).expect("a workload");
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
            || (engine.state().clone(), [(); 2].map(|()| Vec::new())),
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
