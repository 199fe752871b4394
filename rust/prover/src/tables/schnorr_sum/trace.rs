//! Fills the `schnorr_sum` table.

use std::array::from_fn;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField64};
use rayon::prelude::*;
use zkperp_field::F;
use zkperp_signature::trace::Trace;

use super::columns::{BITS, PARTS, ROWS, SumCols};
use super::constants::{digits, order_digits};

/// Steps of a window.
const STEPS: usize = 2 * BITS + PARTS;
/// Columns.
const WIDTH: usize = SumCols::<F>::WIDTH;

/// Row-major cells for 2^`log_rows` rows: the sums with how often each is asked for, then sums of
/// `padding` that nobody asks for.
#[must_use]
pub fn fill(sums: &[(&Trace, u32)], padding: &Trace, log_rows: usize) -> Vec<F> {
    let blocks = (1 << log_rows) / ROWS;
    assert!(
        sums.len() <= blocks && blocks > 0,
        "Invariant: the sums fit their table"
    );
    let mut cells = F::zero_vec(WIDTH << log_rows);
    cells
        .par_chunks_exact_mut(WIDTH * ROWS)
        .enumerate()
        .for_each(|(number, cells)| {
            let (trace, count) = sums.get(number).copied().unwrap_or((padding, 0));
            let rows = block(trace, count);
            for (cells, row) in cells.chunks_exact_mut(WIDTH).zip(rows) {
                row.write(cells);
            }
        });
    cells
}

/// The rows of one sum, asked for `count` times.
#[must_use]
pub fn block(trace: &Trace, count: u32) -> [SumCols<F>; ROWS] {
    let halves = [0, 1].map(|half| trace.digest[half].as_canonical_u64());
    let scalar = digits(&trace.scalar.to_bytes());
    let order = order_digits();
    let compared = compare(&scalar, &order);
    let ended = |part: usize| F::from_bool(compared.below[part][0]);
    from_fn(|i| {
        let steps = &trace.steps[STEPS * (ROWS - 1 - i)..][..STEPS];
        let total = steps[STEPS - 1].total;
        let slope = |step: usize| steps[step].slope.to_felts();
        let (half, window) = (halves[i / 16], i % 16);
        SumCols {
            total_x: total.x.to_felts(),
            total_y: total.y.to_felts(),
            key_x: trace.key.x.to_felts(),
            key_y: trace.key.y.to_felts(),
            double: from_fn(|k| slope(2 * k)),
            key_step: from_fn(|k| slope(2 * k + 1)),
            entry_step: from_fn(|k| slope(2 * BITS + k)),
            challenge: bits((half >> (4 * window)) as u8),
            scalar: from_fn(|part| bits(scalar[part][i])),
            half: F::from_u64(half >> (4 * window)),
            upper: F::from_u64(halves[1]),
            full: full(half, window),
            below: from_fn(|part| F::from_bool(compared.below[part][i])),
            carried: from_fn(|part| ended(part + 1)),
            gap: bits(compared.gap[i]),
            count: if i == 0 { F::from_u32(count) } else { F::ZERO },
        }
    })
}

/// The lowest four bits.
#[must_use]
pub fn bits(digit: u8) -> [F; BITS] {
    from_fn(|k| F::from_bool(digit >> k & 1 == 1))
}

/// Column `full` of a window of a half.
fn full(half: u64, window: usize) -> F {
    let missing = F::from_u32(u32::MAX) - F::from_u64(half >> 32);
    match window {
        // 1 + missing * hint = 0 on the row below.
        8 => -missing.try_inverse().unwrap_or(F::ZERO),
        0..8 => F::from_bool(missing.is_zero()),
        _ => F::ZERO,
    }
}

/// The comparison with n, from the top.
struct Compared {
    /// Whether the digits down to this one are below n's.
    below: [[bool; ROWS]; PARTS],
    /// Of the first other digit, by how much it is smaller, less 1; else 0.
    gap: [u8; ROWS],
}

fn compare(scalar: &[[u8; ROWS]; PARTS], order: &[[u8; ROWS]; PARTS]) -> Compared {
    let mut compared = Compared {
        below: [[true; ROWS]; PARTS],
        gap: [0; ROWS],
    };
    let places = (0..PARTS)
        .rev()
        .flat_map(|part| (0..ROWS).rev().map(move |i| (part, i)));
    for (part, i) in places {
        if scalar[part][i] != order[part][i] {
            compared.gap[i] = order[part][i].wrapping_sub(scalar[part][i]).wrapping_sub(1);
            break;
        }
        compared.below[part][i] = false;
    }
    compared
}
