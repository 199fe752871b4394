//! Laws that hold for every sequence of writes, on random ones.

mod reference;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_tree::witness::{Touched, Witness};
use zkperp_tree::{EMPTY_LEAF, Leaf, ProofError, Tree, verify, verify_many};

type Batch = BTreeMap<u64, Leaf>;

/// Depths with little and with much room, addresses crowded at a few places, and every third leaf
/// empty, so that neighbours, splits and removals all happen.
fn case() -> impl Strategy<Value = (u32, Vec<Batch>)> {
    prop_oneof![1..=4_u32, 5..=12_u32, Just(48_u32)].prop_flat_map(|depth| {
        let mask = (1_u64 << depth) - 1;
        let addr = (any::<u64>(), 0..depth).prop_map(move |(bits, crowd)| {
            // Low bits vary within one crowd; the crowd itself is named by `crowd`.
            ((bits & 0x1f) ^ (u64::from(crowd) << depth.saturating_sub(3))) & mask
        });
        let leaf = (0..3_u64, any::<u64>()).prop_map(|(kind, value)| match kind {
            0 => EMPTY_LEAF,
            _ => std::array::from_fn(|i| F::from_u64(value.rotate_left(i as u32))),
        });
        let anywhere = any::<u64>().prop_map(move |bits| bits & mask);
        let batch = prop::collection::btree_map(prop_oneof![4 => addr, 1 => anywhere], leaf, 0..24);
        (Just(depth), prop::collection::vec(batch, 1..6))
    })
}

fn write(tree: &mut Tree, batch: &Batch) {
    let batch: Vec<_> = batch.iter().map(|(&addr, &leaf)| (addr, leaf)).collect();
    tree.update(&batch).unwrap();
}

/// What a memory of leaves holds after `batches`.
fn memory(batches: &[Batch]) -> Batch {
    let mut leaves: Batch = batches
        .iter()
        .flatten()
        .map(|(&addr, &leaf)| (addr, leaf))
        .collect();
    leaves.retain(|_, leaf| *leaf != EMPTY_LEAF);
    leaves
}

fn tree_of(depth: u32, batches: &[Batch]) -> Tree {
    let mut tree = Tree::new(depth).unwrap();
    for batch in batches {
        write(&mut tree, batch);
    }
    tree
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]

    #[test]
    fn root_and_leaves_are_those_of_the_memory((depth, batches) in case()) {
        let mut tree = Tree::new(depth).unwrap();
        for done in 1..=batches.len() {
            write(&mut tree, &batches[done - 1]);
            let leaves = memory(&batches[..done]);
            prop_assert_eq!(tree.root(), reference::root(depth, &leaves));
            prop_assert_eq!(tree.len(), leaves.len());
            let live: Batch = tree.leaves().map(|(addr, leaf)| (addr, *leaf)).collect();
            prop_assert!(tree.leaves().map(|(addr, _)| addr).is_sorted());
            prop_assert_eq!(&live, &leaves);
        }
        for addr in batches.iter().flat_map(|batch| batch.keys()) {
            let expected = tree.leaves().find(|(at, _)| at == addr).map_or(EMPTY_LEAF, |(_, l)| *l);
            prop_assert_eq!(tree.get(*addr).unwrap(), expected);
        }
    }

    #[test]
    fn grouping_and_order_of_writes_leave_no_trace((depth, batches) in case()) {
        let leaves = memory(&batches);
        let tree = tree_of(depth, &batches);
        let mut backwards = Tree::new(depth).unwrap();
        for (&addr, &leaf) in leaves.iter().rev() {
            backwards.update(&[(addr, leaf)]).unwrap();
        }
        let at_once = tree_of(depth, &[leaves]);
        prop_assert_eq!(tree.root(), backwards.root());
        prop_assert_eq!(tree.root(), at_once.root());
    }

    #[test]
    fn rollback_restores_what_was_sealed((depth, batches) in case(), sealed in 0..6_usize) {
        let sealed = sealed.min(batches.len());
        let mut tree = tree_of(depth, &batches[..sealed]);
        tree.seal();
        let (root, leaves) = (tree.root(), memory(&batches[..sealed]));
        for batch in &batches[sealed..] {
            write(&mut tree, batch);
        }
        let changes = tree.changes();
        let touched: BTreeSet<u64> =
            batches[sealed..].iter().flat_map(|batch| batch.keys().copied()).collect();
        prop_assert!(changes.iter().map(|change| change.addr).eq(touched));
        for change in &changes {
            let old = leaves.get(&change.addr).copied().unwrap_or(EMPTY_LEAF);
            prop_assert_eq!((change.old, change.new), (old, tree.get(change.addr).unwrap()));
        }
        tree.rollback();
        prop_assert!(tree.is_sealed());
        prop_assert_eq!(tree.root(), root);
        let live: Batch = tree.leaves().map(|(addr, leaf)| (addr, *leaf)).collect();
        prop_assert_eq!(live, leaves);
        // Nothing of the undone writes is left in the stored digests either.
        for batch in &batches {
            write(&mut tree, batch);
        }
        prop_assert_eq!(tree.root(), reference::root(depth, &memory(&batches)));
    }

    #[test]
    fn openings_verify_and_altered_ones_do_not(
        (depth, batches) in case(), pick in any::<prop::sample::Index>(), lane in 0..4_usize,
    ) {
        let tree = tree_of(depth, &batches);
        let root = tree.root();
        let addrs: BTreeSet<u64> = batches.iter().flat_map(|batch| batch.keys().copied()).collect();
        for &addr in addrs.iter().take(8) {
            let leaf = tree.get(addr).unwrap();
            let path = tree.prove(addr).unwrap();
            prop_assert_eq!(verify(&root, depth, addr, &leaf, &path), Ok(()));
            let mut other = leaf;
            other[lane] += F::ONE;
            prop_assert_eq!(
                verify(&root, depth, addr, &other, &path), Err(ProofError::RootMismatch)
            );
        }
        let addrs: Vec<u64> = addrs.into_iter().collect();
        let mut leaves: Vec<_> = addrs.iter().map(|&a| (a, tree.get(a).unwrap())).collect();
        let mut frontier = tree.prove_many(&addrs).unwrap();
        prop_assert_eq!(verify_many(&root, depth, &leaves, &frontier), Ok(()));
        let spoiled = pick.index(leaves.len() + frontier.len());
        match leaves.get_mut(spoiled) {
            Some((_, leaf)) => leaf[lane] += F::ONE,
            None => frontier[spoiled - leaves.len()][lane] += F::ONE,
        }
        if !(leaves.is_empty() && frontier.is_empty()) {
            prop_assert_eq!(
                verify_many(&root, depth, &leaves, &frontier), Err(ProofError::RootMismatch)
            );
        }
    }

    #[test]
    fn snapshots_come_back((depth, batches) in case()) {
        let mut tree = tree_of(depth, &batches);
        tree.seal();
        let mut bytes = Vec::new();
        tree.write_snapshot(&mut bytes).unwrap();
        let back = Tree::read_snapshot(bytes.as_slice()).unwrap();
        prop_assert_eq!((back.depth(), back.root()), (tree.depth(), tree.root()));
        prop_assert!(back.leaves().eq(tree.leaves()));
        prop_assert!(back.is_sealed() && back.sealed_root() == tree.root());
        let mut again = Vec::new();
        back.write_snapshot(&mut again).unwrap();
        prop_assert_eq!(again, bytes);
    }

    #[test]
    fn the_witness_leads_from_the_old_root_to_the_new((depth, batches) in case()) {
        let (last, earlier) = batches.split_last().unwrap();
        let mut tree = tree_of(depth, earlier);
        tree.seal();
        let addrs: Vec<u64> = last.keys().copied().collect();
        let before = tree.prove_many(&addrs).unwrap();
        write(&mut tree, last);
        let after = tree.prove_many(&addrs).unwrap();
        if !addrs.is_empty() {
            prop_assert_eq!(&before, &after);
        }
        let touched: Vec<_> = tree
            .changes()
            .into_iter()
            .map(|c| Touched { addr: c.addr, old: c.old, new: c.new, last_timestamp: c.addr + 1 })
            .collect();
        let witness = Witness::build(depth, &touched, &after).unwrap();
        prop_assert_eq!(witness.root.old, tree.sealed_root());
        prop_assert_eq!(witness.root.new, tree.root());
    }
}
