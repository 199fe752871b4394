//! A snapshot that is short, damaged or impossible is refused with the reason.

mod reference;

use reference::leaf;
use zkperp_field::P;
use zkperp_tree::{Leaf, NonCanonical, SnapshotError, Tree, TreeError};

const HEADER: usize = 56;
const RECORD: usize = 72;

fn tree() -> Tree {
    let mut tree = Tree::new(20).unwrap();
    let leaves: Vec<(u64, Leaf)> = (1..=3).map(|i| (i * 1000, leaf(i))).collect();
    tree.update(&leaves).unwrap();
    tree.seal();
    tree
}

fn bytes(tree: &Tree) -> Vec<u8> {
    let mut bytes = Vec::new();
    tree.write_snapshot(&mut bytes).unwrap();
    bytes
}

/// The snapshot with `word` in place of the eight bytes at `at`, and a checksum that fits.
fn forged(at: usize, word: u64) -> Result<Tree, SnapshotError> {
    let mut bytes = bytes(&tree());
    bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
    let content = bytes.len() - 4;
    let checksum = crc32c::crc32c(&bytes[..content]);
    bytes[content..].copy_from_slice(&checksum.to_le_bytes());
    Tree::read_snapshot(bytes.as_slice())
}

#[test]
fn every_truncation_is_refused() {
    let bytes = bytes(&tree());
    assert_eq!(bytes.len(), HEADER + 3 * RECORD + 4);
    for length in 0..bytes.len() {
        let refused = Tree::read_snapshot(&bytes[..length]).unwrap_err();
        assert!(
            matches!(refused, SnapshotError::Truncated),
            "{length}: {refused}"
        );
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    let bytes = bytes(&tree());
    for bit in 0..8 * bytes.len() {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(
            Tree::read_snapshot(damaged.as_slice()).is_err(),
            "bit {bit}"
        );
    }
}

#[test]
fn damage_behind_a_fitting_checksum_is_named() {
    assert!(matches!(forged(0, 0), Err(SnapshotError::Magic)));
    assert!(matches!(
        forged(8, 2 | 20 << 32),
        Err(SnapshotError::Version(2))
    ));
    assert!(matches!(
        forged(8, 1 | 49 << 32),
        Err(SnapshotError::Content(TreeError::Depth { depth: 49 }))
    ));
    // A count beyond the stream: no memory is set aside for it.
    assert!(matches!(
        forged(16, u64::MAX),
        Err(SnapshotError::Truncated)
    ));
    assert!(matches!(forged(16, 2), Err(SnapshotError::Checksum)));
    assert!(matches!(
        forged(24, P),
        Err(SnapshotError::NonCanonical(NonCanonical {
            position: 0,
            value: P
        }))
    ));
    assert!(matches!(forged(24, 1), Err(SnapshotError::RootMismatch)));

    let second = HEADER + RECORD;
    assert!(matches!(
        forged(second + RECORD, 1 << 20),
        Err(SnapshotError::Content(TreeError::AddressOutOfRange { .. }))
    ));
    assert!(matches!(
        forged(second, 1000),
        Err(SnapshotError::Content(TreeError::Duplicate { addr: 1000 }))
    ));
    assert!(matches!(
        forged(second, 999),
        Err(SnapshotError::Content(TreeError::Unsorted { position: 1 }))
    ));
    assert!(matches!(
        forged(second, 1001),
        Err(SnapshotError::RootMismatch)
    ));
    assert!(matches!(
        forged(second + 8 * 8, u64::MAX),
        Err(SnapshotError::NonCanonical(NonCanonical {
            position: 7,
            value: u64::MAX
        }))
    ));
}

#[test]
fn an_empty_leaf_has_no_place_in_a_snapshot() {
    let mut bytes = bytes(&tree());
    bytes[HEADER + 8..HEADER + RECORD].fill(0);
    assert!(matches!(
        Tree::read_snapshot(bytes.as_slice()),
        Err(SnapshotError::EmptyLeaf { addr: 1000 })
    ));
}

#[test]
fn bytes_behind_a_snapshot_are_refused() {
    let mut bytes = bytes(&tree());
    bytes.push(0);
    assert!(matches!(
        Tree::read_snapshot(bytes.as_slice()),
        Err(SnapshotError::TrailingBytes)
    ));
}

#[test]
fn an_open_batch_is_not_written() {
    let mut tree = tree();
    tree.update(&[(1, leaf(1))]).unwrap();
    let mut bytes = Vec::new();
    assert!(matches!(
        tree.write_snapshot(&mut bytes),
        Err(SnapshotError::Unsealed)
    ));
    assert!(bytes.is_empty());
    tree.rollback();
    tree.write_snapshot(&mut bytes).unwrap();
}

#[test]
fn failures_of_the_stream_are_passed_on() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("broken"))
        }
    }
    impl std::io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("broken"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    assert!(matches!(
        Tree::read_snapshot(Broken),
        Err(SnapshotError::Io(_))
    ));
    assert!(matches!(
        tree().write_snapshot(Broken),
        Err(SnapshotError::Io(_))
    ));
}

#[test]
fn more_leaves_than_one_block_come_back() {
    let mut tree = Tree::new(40).unwrap();
    let leaves: Vec<(u64, Leaf)> = (0..40_000).map(|i| (i * 977, leaf(i))).collect();
    tree.update(&leaves).unwrap();
    tree.seal();
    let back = Tree::read_snapshot(bytes(&tree).as_slice()).unwrap();
    assert_eq!(back.root(), tree.root());
    assert!(back.leaves().eq(tree.leaves()));
}
