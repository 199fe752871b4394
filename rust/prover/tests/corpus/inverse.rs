//! The opening of an old root that feed-forward prevents: run the permutation backwards from the
//! root, with dropped lanes of the prover's choice, down to a leaf that was never written.

use p3_field::{Field, PrimeCharacteristicRing, PrimeField64};
use zkperp_field::poseidon2::{compress, permute};
use zkperp_prover::buses::Bus;
use zkperp_prover::check::Origin;
use zkperp_prover::geometry::roots_address;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::leaf::columns::LeafCols;
use zkperp_prover::tables::merkle::columns::MerkleCols;
use zkperp_prover::tables::poseidon2::air::{
    FIRST_CONSTANTS, LAST_CONSTANTS, PARTIAL_CONSTANTS, full_layer, partial_layer,
};
use zkperp_stark::F;
use zkperp_tree::witness::{Touched, Witness as TreeWitness};

use crate::state::small_tree;
use crate::support::tree::{DEPTH, accesses, leaf, touched, tree};
use crate::support::witness::Witness;

type State = [F; 8];

/// x^(1/7): 7 has an inverse d modulo p - 1.
fn seventh_root(x: F) -> F {
    let order = u128::from(F::ORDER_U64 - 1);
    let exponent = (1..7u128).map(|k| k * order + 1).find(|n| n % 7 == 0);
    x.exp_u64(u64::try_from(exponent.expect("7 is prime to p - 1") / 7).expect("below p"))
}

/// Solves `layer(x) = y` for a linear layer.
fn solve(layer: fn(&mut State), y: State) -> State {
    let columns: [State; 8] = std::array::from_fn(|i| {
        let mut unit = [F::ZERO; 8];
        unit[i] = F::ONE;
        layer(&mut unit);
        unit
    });
    let mut rows: [[F; 9]; 8] =
        std::array::from_fn(|r| std::array::from_fn(|c| if c < 8 { columns[c][r] } else { y[r] }));
    for pivot in 0..8 {
        let row = (pivot..8)
            .find(|&r| rows[r][pivot] != F::ZERO)
            .expect("an invertible layer");
        rows.swap(pivot, row);
        let scale = rows[pivot][pivot].inverse();
        rows[pivot].iter_mut().for_each(|x| *x *= scale);
        let own = rows[pivot];
        for other in (0..8).filter(|&r| r != pivot) {
            let factor = rows[other][pivot];
            rows[other]
                .iter_mut()
                .zip(own)
                .for_each(|(x, o)| *x -= factor * o);
        }
    }
    rows.map(|row| row[8])
}

/// The permutation backwards.
fn unpermute(mut state: State) -> State {
    let full = |state: State, constants: &State| -> State {
        let state = solve(full_layer, state);
        std::array::from_fn(|i| seventh_root(state[i]) - constants[i])
    };
    for constants in LAST_CONSTANTS.iter().rev() {
        state = full(state, constants);
    }
    for constant in PARTIAL_CONSTANTS.iter().rev() {
        state = solve(partial_layer, state);
        state[0] = seventh_root(state[0]) - *constant;
    }
    for constants in FIRST_CONSTANTS.iter().rev() {
        state = full(state, constants);
    }
    solve(full_layer, state)
}

/// An input whose permutation starts with `digest`.
fn preimage(digest: [F; 4], dropped: u64) -> State {
    unpermute(std::array::from_fn(|i| {
        if i < 4 {
            digest[i]
        } else {
            F::from_u64(dropped)
        }
    }))
}

#[test]
fn the_permutation_runs_backwards() {
    let input: State = std::array::from_fn(|i| F::from_usize(3 * i + 1));
    let mut state = input;
    permute(&mut state);
    assert_eq!(unpermute(state), input);
}

/// The run reads a leaf found by running backwards from the digest of leaf 5's parent.
#[test]
fn an_old_root_does_not_open_to_a_leaf_found_backwards() {
    let honest = accesses(&small_tree(), &[(5, leaf(11))]);
    let honest = Witness::of(&honest);
    let row = honest.find(Kind::Merkle, |row| {
        row[MerkleCols::numbers().level] == F::ONE
    })[0];
    let parent = MerkleCols::<F>::read(honest.row(Kind::Merkle, row)).old;
    let children = preimage(parent, 1);
    let (sibling, digest) = (&children[..4], &children[4..]);
    let fake = preimage(std::array::from_fn(|i| digest[i]), 2);
    let mut hash = children;
    permute(&mut hash);
    assert_eq!(hash[..4], parent, "the bare permutation would have opened");

    let w = forged(
        &honest,
        fake,
        sibling.try_into().expect("4"),
        digest.try_into().expect("4"),
    );
    let report = w.report();
    assert!(report.violations.is_empty(), "{:?}", report.labels());
    let mut refused: Vec<(&str, Kind, usize)> = report
        .imbalances
        .iter()
        .flat_map(|i| {
            i.origins
                .iter()
                .map(|(Origin { table, message, .. }, _)| (i.bus, *table, *message))
        })
        .collect();
    refused.sort_unstable();
    let compress = Bus::Compress.name();
    assert_eq!(
        refused,
        [(compress, Kind::Leaf, 1), (compress, Kind::Merkle, 10)]
    );
}

/// A run over the made-up leaf, whose old side above the parent is the honest tree's.
fn forged(honest: &Witness, fake: State, sibling: [F; 4], digest: [F; 4]) -> Witness {
    let mut run = accesses(&tree(&[(5, fake)]), &[(5, leaf(11))]);
    let leaves: [Touched; 1] = [touched(5, fake, leaf(11), 1)];
    let mut frontier = small_tree().prove_many(&[5]).expect("an address");
    let real_sibling = compress(&small_tree().get(4).expect("an address"));
    let lowest = frontier
        .iter_mut()
        .find(|d| **d == real_sibling)
        .expect("leaf 4 beside leaf 5");
    *lowest = sibling;
    run.state = Some(TreeWitness::build(DEPTH, &leaves, &frontier).expect("a tree"));
    let mut w = Witness::taller(&run, Kind::Poseidon2, 8);
    for row in 0..DEPTH as usize {
        let old = MerkleCols::<F>::read(honest.row(Kind::Merkle, row));
        let cells = w.row_mut(Kind::Merkle, row);
        let mut node = MerkleCols::read(cells);
        node.old = old.old;
        if node.level != F::ONE {
            node.children_old = old.children_old;
        } else {
            node.children_old[1] = digest;
        }
        node.write(cells);
    }
    let n = LeafCols::numbers();
    w.row_mut(Kind::Leaf, 0)[n.old_digest[0]..][..4].copy_from_slice(&digest);
    let first = roots_address(&w.geometry) as usize - 1;
    let root = MerkleCols::<F>::read(w.row(Kind::Merkle, 0));
    for (lane, value) in root.old.into_iter().chain(root.new).enumerate() {
        w.set_public(first + lane, value);
    }
    w.settle();
    w
}
