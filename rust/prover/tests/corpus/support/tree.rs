//! Runs of the `state` program, and runs whose tree is another one than its accesses say.

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::geometry::{TREE_DEPTH, roots_address};
use zkperp_stark::F;
use zkperp_tree::witness::{Touched, Witness as TreeWitness};
use zkperp_tree::{Leaf, Tree};
use zkperp_vm::builtins::state::StateInput;
use zkperp_vm::relocate::Run;
use zkperp_vm::{Input, Program, RunOptions};

use super::base::compiled_text;

/// Depth of the state tree.
pub(crate) const DEPTH: u32 = TREE_DEPTH as u32;

/// A leaf that is told apart by one number.
#[must_use]
pub(crate) fn leaf(number: u64) -> Leaf {
    std::array::from_fn(|i| F::from_u64(100 * number + i as u64))
}

/// A tree with these leaves.
#[must_use]
pub(crate) fn tree(leaves: &[(u64, Leaf)]) -> Tree {
    deep_tree(DEPTH, leaves)
}

/// A tree of another depth.
#[must_use]
pub(crate) fn deep_tree(depth: u32, leaves: &[(u64, Leaf)]) -> Tree {
    let mut tree = Tree::new(depth).expect("a depth");
    tree.update(leaves).expect("ascending addresses");
    tree
}

/// The honest run of the `state` program that makes these accesses, in order.
#[must_use]
pub(crate) fn accesses(tree: &Tree, updates: &[(u64, Leaf)]) -> Run {
    let program = Program::from_json(&compiled_text("state")).expect("a compiled program");
    let mut keys: Vec<u64> = updates.iter().map(|(key, _)| *key).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut input = Input::named([("count", F::from_usize(updates.len()))]);
    for (key, leaf) in updates {
        input.advice.push(F::from_u64(*key));
        input.advice.extend(leaf);
    }
    input.state = Some(StateInput {
        depth: DEPTH,
        leaves: keys
            .iter()
            .map(|&key| (key, tree.get(key).expect("an address")))
            .collect(),
        frontier: tree.prove_many(&keys).expect("addresses"),
    });
    zkperp_vm::run(&program, &input, &RunOptions::default()).expect("an honest run")
}

/// A touched leaf.
#[must_use]
pub(crate) fn touched(addr: u64, old: Leaf, new: Leaf, last_timestamp: u64) -> Touched {
    Touched {
        addr,
        old,
        new,
        last_timestamp,
    }
}

/// The run with another tree behind it: these leaves of `tree` touched, and the roots claimed that
/// follow.
#[must_use]
pub(crate) fn regrown(run: &Run, tree: &Tree, depth: u32, leaves: &[Touched]) -> Run {
    let keys: Vec<u64> = leaves.iter().map(|leaf| leaf.addr).collect();
    let frontier = tree.prove_many(&keys).expect("ascending addresses");
    let witness = TreeWitness::build(depth, leaves, &frontier).expect("a tree");
    let mut run = run.clone();
    let first = roots_address(&run.layout) as usize - 1;
    let roots = witness.root.old.into_iter().chain(witness.root.new);
    for (i, value) in roots.enumerate() {
        run.memory[first + i] = value;
        run.public[first + i] = value;
    }
    run.state = Some(witness);
    run
}
