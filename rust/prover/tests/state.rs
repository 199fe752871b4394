//! The state builtin end to end: random leaf updates give the same root in the tree, under a tree
//! rebuilt from scratch, and in a verified proof; another root is refused.

use std::collections::BTreeMap;

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_prover::geometry::TREE_DEPTH;
use zkperp_prover::prove::prove;
use zkperp_prover::verify::verify;
use zkperp_stark::Params;
use zkperp_tree::{Leaf, Tree};
use zkperp_vm::builtins::state::StateInput;
use zkperp_vm::input::Input;
use zkperp_vm::program::Program;
use zkperp_vm::relocate::Run;
use zkperp_vm::runner::{RunOptions, run};

const DEPTH: u32 = TREE_DEPTH as u32;

fn program() -> Program {
    Program::from_json(include_str!("../../../circuits/compiled/state.json")).expect("program")
}

/// SplitMix64: enough to scatter addresses and values.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// `count` updates of random leaves in a region of 2^`spread` addresses at the top of the space.
fn updates(random: &mut Random, count: usize, spread: u32) -> Vec<(u64, Leaf)> {
    let base = (1 << DEPTH) - (1 << spread);
    (0..count)
        .map(|_| {
            let key = base + (random.next() & ((1 << spread) - 1));
            (
                key,
                std::array::from_fn(|_| F::from_u64(random.next() >> 1)),
            )
        })
        .collect()
}

/// Runs the program on a tree, which it leaves updated.
fn execute(tree: &mut Tree, updates: &[(u64, Leaf)]) -> Run {
    let last: BTreeMap<u64, Leaf> = updates.iter().copied().collect();
    let keys: Vec<u64> = last.keys().copied().collect();
    let state = StateInput {
        depth: DEPTH,
        leaves: keys
            .iter()
            .map(|&key| (key, tree.get(key).expect("key")))
            .collect(),
        frontier: tree.prove_many(&keys).expect("keys"),
    };
    let mut input = Input::named([("count", F::from_usize(updates.len()))]);
    for (key, leaf) in updates {
        input.advice.push(F::from_u64(*key));
        input.advice.extend(leaf);
    }
    input.state = Some(state);
    let finished = run(&program(), &input, &RunOptions::default()).expect("run");
    tree.update(&last.into_iter().collect::<Vec<_>>())
        .expect("update");
    finished
}

#[test]
fn a_proof_moves_the_root_as_the_tree_does() {
    let mut tree = Tree::new(DEPTH).expect("depth");
    let mut random = Random(1);
    for batch in 0..2 {
        let old_root = tree.root();
        let finished = execute(&mut tree, &updates(&mut random, 200, 6));
        let (statement, proof) = prove(&finished, &Params::OFFCHAIN).expect("proof");
        assert_eq!(
            statement.roots,
            Some([old_root, tree.root()]),
            "batch {batch}"
        );
        verify(&statement.program, &statement, &proof).expect("valid");

        let mut forged = statement.clone();
        if let Some([_, new_root]) = &mut forged.roots {
            new_root[0] += F::ONE;
        }
        assert!(
            verify(&forged.program, &forged, &proof).is_err(),
            "another root"
        );
    }
}

#[test]
fn a_hundred_thousand_updates_give_one_root() {
    let mut tree = Tree::new(DEPTH).expect("depth");
    let mut random = Random(2);
    let mut all = BTreeMap::new();
    for _ in 0..4 {
        let batch = updates(&mut random, 25_000, 13);
        all.extend(batch.iter().copied());
        let finished = execute(&mut tree, &batch);
        let (statement, proof) = prove(&finished, &Params::OFFCHAIN).expect("proof");
        verify(&statement.program, &statement, &proof).expect("valid");
        let mut rebuilt = Tree::new(DEPTH).expect("depth");
        rebuilt
            .update(&all.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>())
            .expect("update");
        let roots = statement.roots.expect("a state");
        assert_eq!(roots[1], rebuilt.root());
        assert_eq!(roots[1], tree.root());
    }
}
