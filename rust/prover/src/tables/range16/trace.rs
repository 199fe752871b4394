//! Fills the `range16` table.

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;

/// Row-major cells; `counts[v]` is how often value v is asked for.
#[must_use]
pub fn fill(counts: &[u32]) -> Vec<F> {
    assert_eq!(
        counts.len(),
        1 << super::columns::LOG_ROWS,
        "Invariant: one count per value"
    );
    counts
        .iter()
        .enumerate()
        .flat_map(|(v, &n)| [F::from_usize(v), F::from_u32(n)])
        .collect()
}
