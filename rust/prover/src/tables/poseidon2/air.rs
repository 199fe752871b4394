//! The Poseidon2 permutation, width 8 (Grassi, Khovratovich, Schofnegger, eprint 2023/323), with
//! the constants that `zkperp_field::poseidon2` uses. Proven here: output = P(input) on each row, and
//! digest = first four lanes of P(input) + input.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use p3_goldilocks::{
    GOLDILOCKS_POSEIDON2_RC_8_EXTERNAL_FINAL, GOLDILOCKS_POSEIDON2_RC_8_EXTERNAL_INITIAL,
    GOLDILOCKS_POSEIDON2_RC_8_INTERNAL, GenericPoseidon2LinearLayersGoldilocks as Layers,
};
use p3_poseidon2::GenericPoseidon2LinearLayers;
use zkperp_field::F;

use super::columns::{HALF_FULL_ROUNDS, PARTIAL_ROUNDS, Poseidon2Cols};
use crate::builder::TableBuilder;
use crate::buses::Bus;

/// Constants added before the S-boxes of the first full rounds.
pub const FIRST_CONSTANTS: [[F; 8]; HALF_FULL_ROUNDS] = GOLDILOCKS_POSEIDON2_RC_8_EXTERNAL_INITIAL;
/// Constants added to lane 0 in the partial rounds.
pub const PARTIAL_CONSTANTS: [F; PARTIAL_ROUNDS] = GOLDILOCKS_POSEIDON2_RC_8_INTERNAL;
/// Constants added before the S-boxes of the last full rounds.
pub const LAST_CONSTANTS: [[F; 8]; HALF_FULL_ROUNDS] = GOLDILOCKS_POSEIDON2_RC_8_EXTERNAL_FINAL;

/// Columns whose next row the constraints read: none.
pub fn next_row_columns() -> Vec<usize> {
    vec![]
}

/// The S-box, x^7.
#[inline(always)]
pub fn sbox<R: PrimeCharacteristicRing>(x: &R) -> R {
    let square = x.square();
    let cube = square.clone() * x.clone();
    cube * square.square()
}

/// The linear layer of the full rounds.
#[inline(always)]
pub fn full_layer<R: PrimeCharacteristicRing>(state: &mut [R; 8])
where
    Layers: GenericPoseidon2LinearLayers<8>,
{
    <Layers as GenericPoseidon2LinearLayers<8>>::external_linear_layer(state);
}

/// The linear layer of the partial rounds.
#[inline(always)]
pub fn partial_layer<R: PrimeCharacteristicRing>(state: &mut [R; 8])
where
    Layers: GenericPoseidon2LinearLayers<8>,
{
    <Layers as GenericPoseidon2LinearLayers<8>>::internal_linear_layer(state);
}

/// The constraints and messages of the table.
#[inline(always)]
pub fn eval<AB: TableBuilder>(b: &mut AB) {
    let main = b.main();
    let row = Poseidon2Cols::<AB::Var>::read(main.current_slice());
    let mut state: [AB::Expr; 8] = row.input.map(Into::into);
    full_layer(&mut state);
    for (constants, after) in FIRST_CONSTANTS.iter().zip(&row.first_rounds) {
        full_round(
            b,
            "poseidon2/first_round: a full round",
            &mut state,
            constants,
            after,
        );
    }
    for (constant, after) in PARTIAL_CONSTANTS.iter().zip(&row.partial_rounds) {
        b.zero(
            "poseidon2/partial_round: the S-box on lane 0",
            sbox(&(state[0].clone() + *constant)) - *after,
        );
        state[0] = (*after).into();
        partial_layer(&mut state);
    }
    for (constants, after) in LAST_CONSTANTS.iter().zip(&row.last_rounds) {
        full_round(
            b,
            "poseidon2/last_round: a full round",
            &mut state,
            constants,
            after,
        );
    }
    let output = row.last_rounds[HALF_FULL_ROUNDS - 1];
    let tuple: [AB::Expr; 16] =
        std::array::from_fn(|i| if i < 8 { row.input[i] } else { output[i - 8] }.into());
    b.provide(Bus::Poseidon2, tuple, row.permutations.into());
    // The digest is P(x) + x, truncated: without the feed-forward it could be run backwards.
    let tuple: [AB::Expr; 12] = std::array::from_fn(|i| match i {
        0..8 => row.input[i].into(),
        _ => output[i - 8] + row.input[i - 8],
    });
    b.provide(Bus::Compress, tuple, row.compressions.into());
}

#[inline(always)]
fn full_round<AB: TableBuilder>(
    b: &mut AB,
    label: &'static str,
    state: &mut [AB::Expr; 8],
    constants: &[F; 8],
    after: &[AB::Var; 8],
) {
    for (lane, constant) in state.iter_mut().zip(constants) {
        *lane = sbox(&(lane.clone() + *constant));
    }
    full_layer(state);
    for (lane, committed) in state.iter_mut().zip(after) {
        b.zero(label, lane.clone() - *committed);
        *lane = (*committed).into();
    }
}
