//! Bad witnesses against `poseidon2`.

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::poseidon2::air::{
    FIRST_CONSTANTS, LAST_CONSTANTS, PARTIAL_CONSTANTS, full_layer, partial_layer, sbox,
};
use zkperp_prover::tables::poseidon2::columns::{HALF_FULL_ROUNDS, PARTIAL_ROUNDS, Poseidon2Cols};
use zkperp_prover::tables::poseidon2_io::columns::Poseidon2IoCols;
use zkperp_stark::F;
use zkperp_vm::builtins::Builtin;

use crate::support::base::{FIBONACCI, unused};
use crate::support::case::{Case, constraint, message};
use crate::support::witness::{Witness, address};

/// Every case of this table.
pub(crate) fn cases() -> Vec<Case> {
    let full = (0..HALF_FULL_ROUNDS).flat_map(|round| [(round, 3), (round, 7 - round)]);
    let first = full.clone().map(|(round, lane)| {
        wrong(
            "poseidon2/first_round: a full round",
            format!("round {round} gives another lane {lane}; all that follows fits it"),
            Place::First(round, lane),
        )
    });
    let partial = (0..PARTIAL_ROUNDS).step_by(3).map(|round| {
        wrong(
            "poseidon2/partial_round: the S-box on lane 0",
            format!("the S-box of partial round {round} gives another value"),
            Place::Partial(round),
        )
    });
    let last = full.map(|(round, lane)| {
        wrong(
            "poseidon2/last_round: a full round",
            format!(
                "round {round} of the last gives another lane {lane}; all that follows fits it"
            ),
            Place::Last(round, lane),
        )
    });
    first.chain(partial).chain(last).chain(surplus()).collect()
}

/// Where a permutation goes wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    First(usize, usize),
    Partial(usize),
    Last(usize, usize),
}

/// The columns of a permutation that goes wrong in one cell and is right from there on.
fn permutation(input: [F; 8], place: Place) -> Poseidon2Cols<F> {
    let bump = |hit: bool| F::from_bool(hit) * F::from_u64(0x0bad_cafe);
    let mut row = Poseidon2Cols {
        input,
        first_rounds: [[F::ZERO; 8]; HALF_FULL_ROUNDS],
        partial_rounds: [F::ZERO; PARTIAL_ROUNDS],
        last_rounds: [[F::ZERO; 8]; HALF_FULL_ROUNDS],
        permutations: F::ZERO,
        compressions: F::ZERO,
    };
    let mut state = input;
    full_layer(&mut state);
    for (round, constants) in FIRST_CONSTANTS.iter().enumerate() {
        full_round(&mut state, constants);
        for (lane, cell) in state.iter_mut().enumerate() {
            *cell += bump(place == Place::First(round, lane));
        }
        row.first_rounds[round] = state;
    }
    for (round, constant) in PARTIAL_CONSTANTS.iter().enumerate() {
        state[0] = sbox(&(state[0] + *constant));
        state[0] += bump(place == Place::Partial(round));
        row.partial_rounds[round] = state[0];
        partial_layer(&mut state);
    }
    for (round, constants) in LAST_CONSTANTS.iter().enumerate() {
        full_round(&mut state, constants);
        for (lane, cell) in state.iter_mut().enumerate() {
            *cell += bump(place == Place::Last(round, lane));
        }
        row.last_rounds[round] = state;
    }
    row
}

fn full_round(state: &mut [F; 8], constants: &[F; 8]) {
    for (lane, constant) in state.iter_mut().zip(constants) {
        *lane = sbox(&(*lane + *constant));
    }
    full_layer(state);
}

/// A hash instance whose output is that of a wrong permutation.
fn wrong(label: &'static str, mutation: String, place: Place) -> Case {
    constraint(
        label,
        mutation,
        "digests would be the prover's choice",
        move || {
            let mut w = unused(Builtin::Poseidon2);
            let instance = 17;
            let n = Poseidon2IoCols::numbers();
            let free = w.rows(Kind::Poseidon2) - 1;
            let input = std::array::from_fn(|i| F::from_usize(i + 1));
            let row = permutation(input, place);
            let output = row.last_rounds[HALF_FULL_ROUNDS - 1];
            row.write(w.row_mut(Kind::Poseidon2, free));
            let first = address(w.row(Kind::Poseidon2Io, instance)[n.address]);
            for (i, value) in input.into_iter().chain(output).enumerate() {
                *w.memory(first + i as u32) = value;
                w.row_mut(Kind::Poseidon2Io, instance)[n.input[0] + i] = value;
            }
            w.settle();
            w
        },
    )
}

fn surplus() -> impl Iterator<Item = Case> {
    let n = Poseidon2Cols::numbers();
    let what = [
        ("a permutation", n.permutations),
        ("a compression", n.compressions),
    ];
    what.into_iter()
        .enumerate()
        .flat_map(|(number, (what, column))| {
            [1, 2].map(|count| {
                message(
                    Kind::Poseidon2,
                    number,
                    format!("{what} in the last row is provided {count} times and never asked for"),
                    "a lookup balances exactly, or it says nothing",
                    move || {
                        let mut w = Witness::of(&FIBONACCI);
                        w.last_row_mut(Kind::Poseidon2)[column] = F::from_u32(count);
                        w
                    },
                )
            })
        })
}
