//! Fills the `merkle` table.

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_tree::witness::NodeRow;

use super::columns::MerkleCols;
use crate::witness::Requests;

/// An inner node, and which of its children are touched.
#[derive(Clone, Copy, Debug)]
pub struct TouchedNode<'a> {
    /// The node.
    pub node: &'a NodeRow,
    /// Whether the left and right child are touched, not merely beside the path.
    pub touched: [bool; 2],
}

/// Row-major cells for 2^`log_rows` rows: the touched nodes, the root first, then padding; adds the
/// requests. `roots` is the address of the roots' eight cells.
#[must_use]
pub fn fill(
    nodes: &[TouchedNode<'_>],
    roots: u32,
    log_rows: usize,
    requests: &mut Requests,
) -> Vec<F> {
    const WIDTH: usize = MerkleCols::<F>::WIDTH;
    assert!(
        nodes.len() <= 1 << log_rows,
        "Invariant: the touched nodes fit their table"
    );
    (0..8).for_each(|lane| requests.memory(roots + lane));
    let mut cells = F::zero_vec(WIDTH << log_rows);
    for (row, TouchedNode { node, touched }) in cells.chunks_exact_mut(WIDTH).zip(nodes) {
        let children_old = node.children.map(|c| c.old);
        let children_new = node.children.map(|c| c.new);
        for children in [children_old, children_new] {
            requests.compress(std::array::from_fn(|i| children[i / 4][i % 4]));
        }
        MerkleCols {
            level: F::from_u32(node.level),
            index: F::from_u64(node.index),
            old: node.digests.old,
            new: node.digests.new,
            children_old,
            children_new,
            touched: touched.map(F::from_bool),
            is_real: F::ONE,
        }
        .write(row);
    }
    cells
}
