//! Attacks on the tree (soundness § 8), each shown to work where the rule that stops it is absent.

mod inverse;
mod messages;
#[path = "../reference/mod.rs"]
mod reference;

use inverse::Inverse;
use reference::{SplitMix, leaf};
use zkperp_field::poseidon2::{DIGEST, WIDTH, permute};
use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_tree::witness::{Touched, Witness};
use zkperp_tree::{Digest, EMPTY_LEAF, Leaf, ProofError, Tree, TreeError, verify, verify_many};

const DEPTH: u32 = 16;

/// What a careless tree would hash with: the permutation, cut to a digest.
fn truncated(input: &[F; WIDTH]) -> Digest {
    let mut state = *input;
    permute(&mut state);
    std::array::from_fn(|i| state[i])
}

fn concat(left: &Digest, right: &Digest) -> [F; WIDTH] {
    std::array::from_fn(|i| {
        if i < DIGEST {
            left[i]
        } else {
            right[i - DIGEST]
        }
    })
}

/// The root that a path leads to in a tree hashed by `truncated`.
fn truncated_root(addr: u64, leaf: &Leaf, siblings: &[Digest]) -> Digest {
    siblings
        .iter()
        .enumerate()
        .fold(truncated(leaf), |digest, (level, sibling)| {
            let children = if addr >> level & 1 == 0 {
                concat(&digest, sibling)
            } else {
                concat(sibling, &digest)
            };
            truncated(&children)
        })
}

/// An opening of `root` at `addr` to a leaf that nobody wrote: from the root down, the lanes that
/// truncation dropped are chosen at random and the permutation is run backwards.
fn invert_down(root: Digest, addr: u64, random: &mut SplitMix) -> (Leaf, Vec<Digest>) {
    let inverse = Inverse::new();
    let mut below = |digest: Digest| {
        let dropped = random.leaf();
        inverse.apply(std::array::from_fn(|i| {
            if i < DIGEST { digest[i] } else { dropped[i] }
        }))
    };
    let mut digest = root;
    let mut siblings = Vec::new();
    for level in (0..DEPTH).rev() {
        let children = below(digest);
        let [left, right]: [Digest; 2] =
            [0, DIGEST].map(|at| std::array::from_fn(|i| children[at + i]));
        let (child, sibling) = if addr >> level & 1 == 0 {
            (left, right)
        } else {
            (right, left)
        };
        digest = child;
        siblings.insert(0, sibling);
    }
    (below(digest), siblings)
}

#[test]
fn without_feed_forward_any_root_opens_to_a_random_leaf() {
    let mut random = SplitMix(7);
    // The root of an honest tree, hashed without feed-forward: one leaf, all siblings empty.
    let mut empty = vec![truncated(&EMPTY_LEAF)];
    for level in 1..DEPTH as usize {
        empty.push(truncated(&concat(&empty[level - 1], &empty[level - 1])));
    }
    let old_root = truncated_root(3, &leaf(1), &empty);
    for addr in [3, 4, 40_000] {
        let (forged, path) = invert_down(old_root, addr, &mut random);
        assert_ne!(forged, leaf(1));
        assert_eq!(
            truncated_root(addr, &forged, &path),
            old_root,
            "the attack works there"
        );
        assert_eq!(
            verify(&old_root, DEPTH, addr, &forged, &path),
            Err(ProofError::RootMismatch)
        );
    }
}

#[test]
fn with_feed_forward_running_backwards_leads_nowhere() {
    let mut random = SplitMix(8);
    let mut tree = Tree::new(DEPTH).unwrap();
    tree.update(&[(3, leaf(1)), (5, leaf(2))]).unwrap();
    for addr in 0..20 {
        let (forged, path) = invert_down(tree.root(), addr, &mut random);
        let refused = Err(ProofError::RootMismatch);
        assert_eq!(verify(&tree.root(), DEPTH, addr, &forged, &path), refused);
        assert_eq!(
            verify_many(&tree.root(), DEPTH, &[(addr, forged)], &path),
            refused
        );
    }
}

#[test]
fn one_leaf_twice_is_refused_everywhere() {
    let mut tree = Tree::new(DEPTH).unwrap();
    tree.update(&[(8, leaf(1)), (9, leaf(2))]).unwrap();
    let (root, path) = (tree.root(), tree.prove_many(&[8, 9]).unwrap());
    let duplicate = TreeError::Duplicate { addr: 8 };

    assert_eq!(tree.update(&[(8, leaf(3)), (8, leaf(4))]), Err(duplicate));
    assert_eq!(tree.root(), root, "a refused batch changes nothing");
    assert_eq!(tree.prove_many(&[8, 8]), Err(duplicate));
    let twice = [(8, leaf(1)), (8, leaf(1)), (9, leaf(2))];
    assert_eq!(
        verify_many(&root, DEPTH, &twice, &path),
        Err(duplicate.into())
    );
    let touched = |addr, tag| Touched {
        addr,
        old: leaf(1),
        new: leaf(tag),
        last_timestamp: tag,
    };
    assert_eq!(
        Witness::build(DEPTH, &[touched(8, 3), touched(8, 4)], &path),
        Err(duplicate.into())
    );
}

#[test]
fn a_path_proves_nothing_for_another_side() {
    let mut tree = Tree::new(DEPTH).unwrap();
    let addr = 0b1010_0110_0101_1100;
    // The mirror address is present as well, with its own value: no empty leaf helps the attacker.
    let batch: Vec<_> = (0..DEPTH)
        .map(|bit| (addr ^ 1 << bit, leaf(u64::from(bit))))
        .collect();
    let mut sorted = [batch, vec![(addr, leaf(100))]].concat();
    sorted.sort_by_key(|&(addr, _)| addr);
    tree.update(&sorted).unwrap();
    let (root, path) = (tree.root(), tree.prove(addr).unwrap());
    verify(&root, DEPTH, addr, &leaf(100), &path).unwrap();
    for bit in 0..DEPTH {
        assert_eq!(
            verify(&root, DEPTH, addr ^ 1 << bit, &leaf(100), &path),
            Err(ProofError::RootMismatch)
        );
    }
}

/// Leaves and nodes are hashed alike, so a node's children pass for a leaf one level up: what stops
/// it is the depth, which is part of the configuration, and in the proof the level in each message.
#[test]
fn an_inner_node_passes_for_a_leaf_only_in_a_shallower_tree() {
    let mut tree = Tree::new(DEPTH).unwrap();
    tree.update(&[(6, leaf(1)), (7, leaf(2))]).unwrap();
    let path = tree.prove(6).unwrap();
    let own = zkperp_field::poseidon2::compress(&leaf(1));
    let children = concat(&own, &path[0]);
    verify(&tree.root(), DEPTH - 1, 3, &children, &path[1..]).unwrap();
    assert_eq!(
        verify(&tree.root(), DEPTH, 3, &children, &path[1..]),
        Err(ProofError::SiblingCount {
            expected: 16,
            got: 15
        })
    );
    assert_eq!(
        verify(&tree.root(), DEPTH, 3, &children, &path),
        Err(ProofError::RootMismatch)
    );
}

#[test]
fn impossible_depths_and_addresses_are_refused() {
    for depth in [0, 49, 64, u32::MAX] {
        let refused = TreeError::Depth { depth };
        assert_eq!(Tree::new(depth).unwrap_err(), refused);
        assert_eq!(
            verify(&[F::ZERO; 4], depth, 0, &EMPTY_LEAF, &[]),
            Err(refused.into())
        );
        assert_eq!(
            verify_many(&[F::ZERO; 4], depth, &[], &[]),
            Err(refused.into())
        );
        assert_eq!(Witness::build(depth, &[], &[]), Err(refused.into()));
    }
    let mut tree = Tree::new(DEPTH).unwrap();
    for addr in [1 << DEPTH, 1 << 48, u64::MAX] {
        let refused = TreeError::AddressOutOfRange { addr, depth: DEPTH };
        assert_eq!(tree.get(addr), Err(refused));
        assert_eq!(tree.update(&[(0, leaf(1)), (addr, leaf(2))]), Err(refused));
        assert_eq!(tree.prove(addr), Err(refused));
        assert!(tree.is_empty());
    }
    assert_eq!(
        tree.update(&[(1, leaf(1)), (5, leaf(2)), (4, leaf(3))]),
        Err(TreeError::Unsorted { position: 2 })
    );
}
