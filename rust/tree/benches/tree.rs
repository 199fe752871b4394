//! What a seal costs: leaves per second of a batch update, and of the proof's witness.
//!
//! `dense` is the shape of the state: slots of a region used one after the other, here 2^20 of
//! them. `scattered` is the worst case for any sparse tree: the same number of leaves anywhere in
//! 2^48 addresses, where each update hashes about 30 nodes that it shares with no other.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_tree::witness::{Touched, Witness};
use zkperp_tree::{Leaf, Tree};

/// The address of the i-th leaf.
type Layout = fn(u64) -> u64;

const DEPTH: u32 = 48;
const LIVE: u64 = 1 << 20;
const REGION: u64 = 5 << 44;

/// Values and places need no quality, only reproducibility.
fn mix(i: u64) -> u64 {
    let z = (i ^ i >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb)
}

fn leaf(tag: u64) -> Leaf {
    std::array::from_fn(|i| F::from_u64(mix(8 * tag + i as u64 + 1) >> 1))
}

fn dense(i: u64) -> u64 {
    REGION | i
}

fn scattered(i: u64) -> u64 {
    mix(i + 1) >> (64 - DEPTH)
}

fn tree(addr: Layout) -> Tree {
    let mut tree = Tree::new(DEPTH).unwrap();
    let leaves: BTreeMap<u64, Leaf> = (0..LIVE).map(|i| (addr(i), leaf(i))).collect();
    tree.update(&leaves.into_iter().collect::<Vec<_>>())
        .unwrap();
    tree.seal();
    tree
}

/// `size` live leaves with new values; another choice for another `seed`.
fn batch(addr: Layout, size: u64, seed: u64) -> Vec<(u64, Leaf)> {
    let mut batch = BTreeMap::new();
    for i in 0.. {
        if batch.len() as u64 == size {
            break;
        }
        let tag = mix((seed << 32) + i + 1);
        batch.insert(addr(tag % LIVE), leaf(tag >> 8));
    }
    batch.into_iter().collect()
}

fn update(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("update");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(4));
    let cases: [(&str, Layout); 2] = [("dense", dense), ("scattered", scattered)];
    for (name, addr) in cases {
        let mut tree = tree(addr);
        let mut seed = 0;
        for size in [4_000, 100_000] {
            group.throughput(Throughput::Elements(size));
            group.bench_function(format!("{name}/{size}"), |bencher| {
                let next = || {
                    seed += 1;
                    batch(addr, size, seed)
                };
                let write = |batch: Vec<_>| {
                    tree.update(&batch).unwrap();
                    tree.seal();
                };
                bencher.iter_batched(next, write, BatchSize::PerIteration);
            });
        }
    }
    group.finish();
}

fn witness(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("witness");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(4));
    let tree = tree(dense);
    let size = 4_000;
    let touched: Vec<_> = batch(dense, size, 1)
        .into_iter()
        .map(|(addr, new)| Touched {
            addr,
            old: tree.get(addr).unwrap(),
            new,
            last_timestamp: 1,
        })
        .collect();
    let addrs: Vec<_> = touched.iter().map(|leaf| leaf.addr).collect();
    group.throughput(Throughput::Elements(size));
    group.bench_function(format!("dense/{size}"), |bencher| {
        bencher.iter(|| {
            let frontier = tree.prove_many(&addrs).unwrap();
            black_box(Witness::build(DEPTH, &touched, &frontier).unwrap())
        });
    });
    group.finish();
}

criterion_group!(benches, update, witness);
criterion_main!(benches);
