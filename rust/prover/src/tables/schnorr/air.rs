//! The `schnorr` builtin. Proven here, with `schnorr_sum`, of each nine cells (key, message) of the
//! segment: the key is valid and there is a signature of the message under it that
//! `zkperp_signature::verify` accepts (docs/spec/signature.md § 5). The signature itself is a witness: in no
//! memory cell.
//!
//! That x of the key is 7 times a square puts it into the group. The point of the n-torsion that has
//! the same w would let the sum add points of equal x, where any slope passes.
//!
//! Rows behind the used ones are a fixed valid signature, like the other pure builtins' padding.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_signature::CHALLENGE_DOMAIN;

use super::columns::{CELLS, ELEMENT, HASHED, SchnorrCols};
use crate::builder::TableBuilder;
use crate::buses::Bus;
use crate::gfp5::{Gfp5, Point};

/// x of a group element is no square: it is 7 times one.
const NOT_A_SQUARE: F = F::new(7);

/// Columns whose next row the constraints read.
pub fn next_row_columns() -> Vec<usize> {
    vec![SchnorrCols::numbers().address]
}

/// The constraints and messages of the table; `base` is the segment's first address.
#[inline(always)]
pub fn eval<AB: TableBuilder>(base: u32, b: &mut AB) {
    let main = b.main();
    let row = SchnorrCols::<AB::Var>::read(main.current_slice());
    let next = SchnorrCols::<AB::Var>::read(main.next_slice());
    b.zero_first(
        "schnorr/first: the first row is the segment's first instance",
        row.address - F::from_u32(base),
    );
    b.zero_transition(
        "schnorr/step: nine cells a row",
        next.address - row.address - AB::Expr::from(F::from_usize(CELLS)),
    );
    key(b, &row);
    commitment(b, &row);
    let cells = row.key_w.into_iter().chain(row.message);
    for (i, cell) in cells.enumerate() {
        b.ask(Bus::Memory, [row.address + F::from_usize(i), cell.into()]);
    }
    sponge(b, &row);
    let points = [row.key_x, row.key_y, row.commitment_x, row.commitment_y];
    let [.., digest] = row.sponge;
    let tuple: [AB::Expr; 22] = std::array::from_fn(|i| match i {
        0..20 => points[i / ELEMENT][i % ELEMENT].into(),
        _ => digest[i - 20].into(),
    });
    b.ask(Bus::SchnorrSum, tuple);
}

/// The key's point is the group's element encoded by w, and not its neutral.
#[inline(always)]
fn key<AB: TableBuilder>(b: &mut AB, row: &SchnorrCols<AB::Var>) {
    let w = Gfp5::of(&row.key_w);
    let point = point::<AB>(&row.key_x, &row.key_y);
    for zero in point.off_encoding(&w).0 {
        b.zero("schnorr/key_x: x is of a point that the key encodes", zero);
    }
    for zero in (&(&w * &point.x) - &point.y).0 {
        b.zero("schnorr/key_y: y = w x", zero);
    }
    let square = Gfp5::<AB::Expr>::of(&row.key_root).square();
    for (x, square) in point.x.0.into_iter().zip(square.0) {
        b.zero(
            "schnorr/key_group: x is 7 times a square",
            x - square * NOT_A_SQUARE,
        );
    }
}

/// The sum's end is encoded by the commitment; as b is not 0, it is not N.
#[inline(always)]
fn commitment<AB: TableBuilder>(b: &mut AB, row: &SchnorrCols<AB::Var>) {
    let w = Gfp5::of(&row.commitment_w);
    let point = point::<AB>(&row.commitment_x, &row.commitment_y);
    for zero in point.off_encoding(&w).0 {
        b.zero(
            "schnorr/commitment_x: x is of a point that the commitment encodes",
            zero,
        );
    }
    for zero in (&(&w * &point.x) - &point.y).0 {
        b.zero("schnorr/commitment_y: y = w x", zero);
    }
}

#[inline(always)]
fn point<AB: TableBuilder>(x: &[AB::Var; 5], y: &[AB::Var; 5]) -> Point<AB::Expr> {
    Point {
        x: Gfp5::of(x),
        y: Gfp5::of(y),
    }
}

/// Asks for the permutations of the challenge's sponge over (commitment, key, message).
#[inline(always)]
fn sponge<AB: TableBuilder>(b: &mut AB, row: &SchnorrCols<AB::Var>) {
    let hashed = [&row.commitment_w[..], &row.key_w, &row.message].concat();
    let mut state: [AB::Expr; 8] = std::array::from_fn(|lane| {
        let start = match lane {
            4 => F::from_u64(CHALLENGE_DOMAIN),
            5 => F::from_usize(HASHED),
            _ => F::ZERO,
        };
        start.into()
    });
    for (block, after) in hashed.chunks(4).zip(&row.sponge) {
        for (lane, felt) in state.iter_mut().zip(block) {
            *lane += *felt;
        }
        let after = after.map(AB::Expr::from);
        let tuple: [AB::Expr; 16] = std::array::from_fn(|i| match i {
            0..8 => state[i].clone(),
            _ => after[i - 8].clone(),
        });
        b.ask(Bus::Poseidon2, tuple);
        state = after;
    }
}
