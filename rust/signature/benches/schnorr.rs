//! Signatures per second: `cargo bench -p zkperp-signature`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_signature::{
    Gfp5, PublicKey, SecretKey, Signature, Signed, sign, trace, verify, verify_all,
};

const MANY: usize = 512;

fn message(index: usize) -> [F; 4] {
    std::array::from_fn(|i| F::from_usize(index * 4 + i))
}

fn single(c: &mut Criterion) {
    let secret = SecretKey::from_seed(&[1; 32]);
    let (key, message) = (*secret.public(), message(0));
    let signature = sign(&secret, &message);
    let mut group = c.benchmark_group("schnorr");
    group.measurement_time(Duration::from_secs(4));
    group.bench_function("sign", |b| b.iter(|| sign(&secret, black_box(&message))));
    group.bench_function("verify", |b| {
        b.iter(|| verify(&key, black_box(&message), &signature))
    });
    group.bench_function("decode key", |b| {
        b.iter(|| PublicKey::from_bytes(black_box(&key.to_bytes())))
    });
    group.bench_function("field multiplication", |b| {
        let factor = key.w();
        b.iter_custom(|count| {
            let start = std::time::Instant::now();
            black_box((0..count).fold(Gfp5::ONE, |product, _| product * factor));
            start.elapsed()
        });
    });
    group.finish();
}

fn many(c: &mut Criterion) {
    let secret = SecretKey::from_seed(&[1; 32]);
    let messages: Vec<[F; 4]> = (0..MANY).map(message).collect();
    let signatures: Vec<Signature> = messages.iter().map(|m| sign(&secret, m)).collect();
    let signed: Vec<Signed<'_>> = messages
        .iter()
        .zip(&signatures)
        .map(|(message, signature)| Signed {
            key: secret.public(),
            message,
            signature,
        })
        .collect();
    let mut group = c.benchmark_group("schnorr, all threads");
    group
        .measurement_time(Duration::from_secs(4))
        .sample_size(20);
    group.throughput(Throughput::Elements(MANY as u64));
    group.bench_function("verify_all", |b| b.iter(|| verify_all(black_box(&signed))));
    group.bench_function("verification_traces", |b| {
        b.iter(|| trace::verification_traces(black_box(&signed)))
    });
    group.finish();
}

criterion_group!(benches, single, many);
criterion_main!(benches);
