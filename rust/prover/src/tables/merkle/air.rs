//! The touched part of the state tree, top-down. Proven here: 1. the first row is the root, whose
//! two digests are the roots that the program reads before the `state` segment; 2. every other real
//! row is a node that its parent sent, once; 3. a node's digests are those of its children; 4. a
//! child that isn't sent on is the same under both roots. So the two trees differ in the leaves that
//! `leaf` receives only, and each of them is received once.
//!
//! No cycle can feed itself: a node's level is its parent's minus one, and a table has fewer than p
//! rows.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;

use super::columns::MerkleCols;
use crate::builder::TableBuilder;
use crate::buses::Bus;

/// Columns whose next row the constraints read: none.
pub fn next_row_columns() -> Vec<usize> {
    vec![]
}

/// (level above the leaves, index, digest under the old root, digest under the new root).
#[inline(always)]
pub fn node_message<AB: TableBuilder>(
    level: AB::Expr,
    index: AB::Expr,
    old: &[AB::Var; 4],
    new: &[AB::Var; 4],
) -> [AB::Expr; 10] {
    std::array::from_fn(|i| match i {
        0 => level.clone(),
        1 => index.clone(),
        2..=5 => old[i - 2].into(),
        _ => new[i - 6].into(),
    })
}

/// The constraints and messages of the table; `roots` is the address of the old root's first felt,
/// with the new root behind it; the root is `depth` levels above the leaves.
#[inline(always)]
pub fn eval<AB: TableBuilder>(roots: u32, depth: usize, b: &mut AB) {
    let main = b.main();
    let row = MerkleCols::<AB::Var>::read(main.current_slice());
    let real: AB::Expr = row.is_real.into();
    b.boolean("merkle/is_real: 0 or 1", row.is_real);
    root(roots, depth, b, &row);
    for side in 0..2 {
        let touched: AB::Expr = row.touched[side].into();
        b.boolean("merkle/touched: 0 or 1", row.touched[side]);
        b.zero(
            "merkle/padding: padding sends nothing on",
            (AB::Expr::ONE - row.is_real) * row.touched[side],
        );
        for lane in 0..4 {
            b.zero(
                "merkle/frontier: a child that is not sent on is unchanged",
                (AB::Expr::ONE - row.touched[side])
                    * (row.children_old[side][lane] - row.children_new[side][lane]),
            );
        }
        let level = row.level - F::ONE;
        let index = row.index * F::TWO + F::from_usize(side);
        let (old, new) = (&row.children_old[side], &row.children_new[side]);
        b.send_if(
            Bus::Node,
            node_message::<AB>(level, index, old, new),
            touched,
        );
    }
    for (children, digest) in [(row.children_old, row.old), (row.children_new, row.new)] {
        let tuple: [AB::Expr; 12] = std::array::from_fn(|i| {
            if i < 8 {
                children[i / 4][i % 4]
            } else {
                digest[i - 8]
            }
            .into()
        });
        b.ask_if(Bus::Compress, tuple, real.clone());
    }
    // The root is nobody's child; every other node is received once.
    let message = node_message::<AB>(row.level.into(), row.index.into(), &row.old, &row.new);
    let received = real - b.is_first_row();
    b.receive_if(Bus::Node, message, received);
}

fn root<AB: TableBuilder>(roots: u32, depth: usize, b: &mut AB, row: &MerkleCols<AB::Var>) {
    b.zero_first(
        "merkle/root_level: the first row is the root",
        row.level - F::from_usize(depth),
    );
    b.zero_first("merkle/root_index: the first row is the root", row.index);
    b.zero_first("merkle/root_real: the root is there", row.is_real - F::ONE);
    for lane in 0..8 {
        let digest = if lane < 4 {
            row.old[lane]
        } else {
            row.new[lane - 4]
        };
        let address = AB::Expr::from(F::from_u32(roots + lane as u32));
        let first = b.is_first_row();
        b.ask_if(Bus::Memory, [address, digest.into()], first);
    }
}
