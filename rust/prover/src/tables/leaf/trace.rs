//! Fills the `leaf` table.

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_tree::witness::LeafRow;

use super::columns::LeafCols;
use crate::witness::Requests;

/// Row-major cells for 2^`log_rows` rows: the touched leaves, then padding; adds the requests.
#[must_use]
pub fn fill(leaves: &[&LeafRow], log_rows: usize, requests: &mut Requests) -> Vec<F> {
    const WIDTH: usize = LeafCols::<F>::WIDTH;
    assert!(
        leaves.len() <= 1 << log_rows,
        "Invariant: the touched leaves fit their table"
    );
    let mut cells = F::zero_vec(WIDTH << log_rows);
    for (row, leaf) in cells.chunks_exact_mut(WIDTH).zip(leaves) {
        requests.compress(leaf.touched.old);
        requests.compress(leaf.touched.new);
        LeafCols {
            key: F::from_u64(leaf.touched.addr),
            old: leaf.touched.old,
            new: leaf.touched.new,
            old_digest: leaf.digests.old,
            new_digest: leaf.digests.new,
            last: F::from_u64(leaf.touched.last_timestamp),
            is_real: F::ONE,
        }
        .write(row);
    }
    cells
}
