//! Fills the `schnorr` table.

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_field::poseidon2::{permute, sponge_start};
use zkperp_signature::trace::Trace;
use zkperp_signature::{AffinePoint, CHALLENGE_DOMAIN};

use super::columns::{BLOCKS, CELLS, ELEMENT, HASHED, SchnorrCols};
use crate::witness::Requests;

/// Row-major cells for the segment of `values` (9 per instance) at `base`; adds the requests. The
/// instances' signatures are `traces`, then `padding` for all others.
#[must_use]
pub fn fill(
    base: u32,
    values: &[F],
    traces: &[Trace],
    padding: &Trace,
    requests: &mut Requests,
) -> Vec<F> {
    const WIDTH: usize = SchnorrCols::<F>::WIDTH;
    let instances = values.chunks_exact(CELLS);
    let traces = traces.iter().chain(std::iter::repeat(padding));
    let mut cells = F::zero_vec(WIDTH * instances.len());
    let rows = cells.chunks_exact_mut(WIDTH);
    for (i, ((row, instance), trace)) in rows.zip(instances).zip(traces).enumerate() {
        let address = base + (i * CELLS) as u32;
        (0..CELLS as u32).for_each(|k| requests.memory(address + k));
        let (key, message) = instance.split_at(ELEMENT);
        let commitment_w = trace.commitment_w.to_felts();
        let commitment = end(trace);
        SchnorrCols {
            address: F::from_u32(address),
            key_w: std::array::from_fn(|k| key[k]),
            message: std::array::from_fn(|k| message[k]),
            commitment_w,
            key_x: trace.key.x.to_felts(),
            key_y: trace.key.y.to_felts(),
            key_root: trace.key_root.to_felts(),
            commitment_x: commitment.x.to_felts(),
            commitment_y: commitment.y.to_felts(),
            sponge: sponge(&[&commitment_w, key, message].concat(), requests),
        }
        .write(row);
    }
    cells
}

/// The sum's end.
fn end(trace: &Trace) -> AffinePoint {
    let last = trace.steps.last();
    last.expect("Invariant: a sum has steps").total
}

/// The sponge's states after each permutation, which are asked for.
fn sponge(hashed: &[F], requests: &mut Requests) -> [[F; 8]; BLOCKS] {
    let mut state = sponge_start(CHALLENGE_DOMAIN, HASHED as u64);
    let mut blocks = hashed.chunks(4);
    std::array::from_fn(|_| {
        let block = blocks.next().expect("Invariant: four blocks");
        for (lane, felt) in state.iter_mut().zip(block) {
            *lane += *felt;
        }
        requests.poseidon2(state);
        permute(&mut state);
        state
    })
}
