//! The sealed state as a byte stream.
//!
//! All integers little-endian: `"zkp-tree"`, version u32, depth u32, number of leaves u64, root
//! 4 × u64; then each leaf that is not empty, by ascending address, as address u64 and 8 × u64;
//! then the CRC-32C of everything before. One state has exactly one snapshot. The checksum finds
//! accidents; the root, recomputed from the leaves, is what a reader compares with the chain.

use std::io::{ErrorKind, Read, Write};

use crate::words::{digest_from_words, digest_to_words, leaf_from_words, leaf_to_words};
use crate::{Digest, EMPTY_LEAF, LEAF, Leaf, SnapshotError, Tree, TreeError};

/// The version that this program writes, and the only one that it reads.
pub const SNAPSHOT_VERSION: u32 = 1;

const MAGIC: [u8; 8] = *b"zkp-tree";
const WORD: usize = 8;
const HEADER: usize = MAGIC.len() + 4 + 4 + WORD + 4 * WORD;
const RECORD: usize = (1 + LEAF) * WORD;
/// Leaves read or written at a time: memory stays bounded whatever the header claims.
const BLOCK: usize = 1 << 14;

impl Tree {
    /// Writes the state, which must be sealed.
    ///
    /// # Errors
    /// [`SnapshotError::Unsealed`] or [`SnapshotError::Io`].
    pub fn write_snapshot<W: Write>(&self, stream: W) -> Result<(), SnapshotError> {
        if !self.is_sealed() {
            return Err(SnapshotError::Unsealed);
        }
        let mut stream = Summed {
            stream,
            checksum: 0,
        };
        let mut block = Vec::with_capacity(BLOCK * RECORD);
        block.extend(MAGIC);
        block.extend(SNAPSHOT_VERSION.to_le_bytes());
        block.extend(self.depth().to_le_bytes());
        block.extend((self.len() as u64).to_le_bytes());
        block.extend(bytes(&digest_to_words(&self.root())));
        for (addr, leaf) in self.leaves() {
            if block.len() + RECORD > block.capacity() {
                stream.write(&block)?;
                block.clear();
            }
            block.extend(addr.to_le_bytes());
            block.extend(bytes(&leaf_to_words(leaf)));
        }
        stream.write(&block)?;
        let checksum = stream.checksum;
        stream.write(&checksum.to_le_bytes())?;
        Ok(stream.stream.flush()?)
    }

    /// Reads a state, which is then sealed; the stream must end with the snapshot.
    ///
    /// # Errors
    /// [`SnapshotError`], naming what is wrong. Nothing of a refused snapshot is kept.
    pub fn read_snapshot<R: Read>(stream: R) -> Result<Self, SnapshotError> {
        let mut stream = Summed {
            stream,
            checksum: 0,
        };
        let header = Header::read(&mut stream)?;
        let mut tree = Self::new(header.depth)?;
        let mut leaves = Vec::new();
        let mut block = vec![0; BLOCK * RECORD];
        let mut previous = None;
        let mut done = 0;
        while done < header.leaves {
            let count = (header.leaves - done).min(BLOCK as u64);
            let block = &mut block[..count as usize * RECORD];
            stream.read(block)?;
            leaves.clear();
            for (position, record) in (done as usize..).zip(block.chunks_exact(RECORD)) {
                let (addr, leaf) = read_record(record)?;
                check_order(previous, addr, position)?;
                previous = Some(addr);
                leaves.push((addr, leaf));
            }
            tree.update(&leaves)?;
            tree.seal();
            done += count;
        }
        stream.end()?;
        if tree.root() != header.root {
            return Err(SnapshotError::RootMismatch);
        }
        Ok(tree)
    }
}

struct Header {
    depth: u32,
    leaves: u64,
    root: Digest,
}

impl Header {
    fn read<R: Read>(stream: &mut Summed<R>) -> Result<Self, SnapshotError> {
        let mut header = [0; HEADER];
        stream.read(&mut header)?;
        let (magic, header) = header.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(SnapshotError::Magic);
        }
        let (version, header) = header.split_at(4);
        let version = half_word(version);
        if version != SNAPSHOT_VERSION {
            return Err(SnapshotError::Version(version));
        }
        let (depth, header) = header.split_at(4);
        let [leaves, root @ ..] = words::<5>(header);
        Ok(Self {
            depth: half_word(depth),
            leaves,
            root: digest_from_words(&root)?,
        })
    }
}

fn read_record(record: &[u8]) -> Result<(u64, Leaf), SnapshotError> {
    let [addr, leaf @ ..] = words::<9>(record);
    let leaf = leaf_from_words(&leaf)?;
    if leaf == EMPTY_LEAF {
        return Err(SnapshotError::EmptyLeaf { addr });
    }
    Ok((addr, leaf))
}

const fn check_order(previous: Option<u64>, addr: u64, position: usize) -> Result<(), TreeError> {
    match previous {
        Some(previous) if previous == addr => Err(TreeError::Duplicate { addr }),
        Some(previous) if previous > addr => Err(TreeError::Unsorted { position }),
        _ => Ok(()),
    }
}

fn bytes<const N: usize>(words: &[u64; N]) -> impl Iterator<Item = u8> + '_ {
    words.iter().flat_map(|word| word.to_le_bytes())
}

/// N words from exactly 8 N bytes.
fn words<const N: usize>(bytes: &[u8]) -> [u64; N] {
    let (chunks, _) = bytes.as_chunks::<WORD>();
    std::array::from_fn(|i| u64::from_le_bytes(chunks[i]))
}

/// A 32-bit integer from exactly 4 bytes.
fn half_word(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |value, &byte| value << 8 | u32::from(byte))
}

/// A stream with the checksum of what went through it.
struct Summed<S> {
    stream: S,
    checksum: u32,
}

impl<W: Write> Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.checksum = crc32c::crc32c_append(self.checksum, bytes);
        Ok(self.stream.write_all(bytes)?)
    }
}

impl<R: Read> Summed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<(), SnapshotError> {
        self.stream
            .read_exact(bytes)
            .map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => SnapshotError::Truncated,
                _ => SnapshotError::Io(error),
            })?;
        self.checksum = crc32c::crc32c_append(self.checksum, bytes);
        Ok(())
    }

    /// Reads the checksum itself and makes sure that nothing follows.
    fn end(mut self) -> Result<(), SnapshotError> {
        let computed = self.checksum;
        let mut stored = [0; 4];
        self.read(&mut stored)?;
        if u32::from_le_bytes(stored) != computed {
            return Err(SnapshotError::Checksum);
        }
        match self.read(&mut [0]) {
            Err(SnapshotError::Truncated) => Ok(()),
            Ok(()) => Err(SnapshotError::TrailingBytes),
            Err(error) => Err(error),
        }
    }
}
