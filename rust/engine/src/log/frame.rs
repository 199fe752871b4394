//! Header and frames: what both logs share.

use thiserror::Error;
use zkperp_schema as schema;

use crate::message::{Domain, address_bytes, address_words};

/// Bytes of a header.
pub const HEADER_BYTES: usize = schema::LOG_HEADER_BYTES as usize;
/// The greatest payload of a frame, bytes.
pub const FRAME_BYTES_MAX: usize = schema::LOG_FRAME_BYTES_MAX as usize;
/// Length and checksum before each payload.
const PREFIX_BYTES: usize = 8;

/// Which of the two logs a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogKind {
    /// Accepted commands.
    Commands,
    /// Outcomes and events.
    Events,
}

impl LogKind {
    const fn magic(self) -> [u8; 4] {
        let magic = match self {
            Self::Commands => schema::COMMAND_LOG_MAGIC,
            Self::Events => schema::EVENT_LOG_MAGIC,
        };
        (magic as u32).to_be_bytes()
    }
}

/// Bytes are not a log, or not the log of this venue. Offsets count from the file's first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// The file does not start like this log.
    #[error("not a log of this kind")]
    Magic,
    /// A version that this program does not know.
    #[error("log version {0} is not supported")]
    Version(u16),
    /// A header field that no log can have.
    #[error("the header's {0} is out of range")]
    Header(&'static str),
    /// A checksum is not that of the bytes it stands for.
    #[error("the log is damaged at byte {offset}: wrong checksum")]
    Checksum {
        /// Where the damaged header or frame begins.
        offset: usize,
    },
    /// A frame has a length that none can have.
    #[error("the frame at byte {offset} has the impossible length {length}")]
    Length {
        /// Where the frame begins.
        offset: usize,
        /// The length that it names, bytes.
        length: u32,
    },
    /// The file ends within a header or a frame.
    #[error("the log is truncated: byte {offset} begins what does not end")]
    Truncated {
        /// Where the unfinished header or frame begins.
        offset: usize,
    },
}

/// The header of a log.
#[must_use]
pub fn header(kind: LogKind, domain: &Domain) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    bytes[..4].copy_from_slice(&kind.magic());
    bytes[4..6].copy_from_slice(&(schema::LOG_VERSION as u16).to_be_bytes());
    bytes[8..16].copy_from_slice(&domain.chain_id.to_be_bytes());
    let rollup = address_bytes(&domain.rollup).expect("Invariant: a domain's address is too wide");
    bytes[16..36].copy_from_slice(&rollup);
    let checksum = crc32c::crc32c(&bytes[..36]);
    bytes[36..].copy_from_slice(&checksum.to_be_bytes());
    bytes
}

/// Appends a frame.
///
/// # Panics
/// `Invariant:` if the payload is longer than a frame's may be: the rules bound what one command
/// can do.
pub fn push_frame(payload: &[u64], bytes: &mut Vec<u8>) {
    let length = payload.len() * 8;
    assert!(
        length <= FRAME_BYTES_MAX,
        "Invariant: a frame of {length} bytes"
    );
    let start = bytes.len();
    bytes.extend((length as u32).to_be_bytes());
    bytes.extend([0; 4]);
    for word in payload {
        bytes.extend(word.to_be_bytes());
    }
    let checksum = crc32c::crc32c(&bytes[start + PREFIX_BYTES..]);
    bytes[start + 4..start + PREFIX_BYTES].copy_from_slice(&checksum.to_be_bytes());
}

/// The frames of a log, one after the other.
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    bytes: &'a [u8],
    offset: usize,
}

/// A frame's payload and where the frame begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Offset of the frame's first byte.
    pub offset: usize,
    /// Its words.
    pub words: Vec<u64>,
}

impl<'a> Frames<'a> {
    /// Reads a log's header.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn open(kind: LogKind, bytes: &'a [u8]) -> Result<(Domain, Self), FrameError> {
        let header = bytes.first_chunk::<HEADER_BYTES>();
        let header = header.ok_or(FrameError::Truncated { offset: 0 })?;
        if header[..4] != kind.magic() {
            return Err(FrameError::Magic);
        }
        let checksum = be_u32(header, 36);
        if crc32c::crc32c(&header[..36]) != checksum {
            return Err(FrameError::Checksum { offset: 0 });
        }
        let [high, low] = [header[4], header[5]];
        let version = u16::from_be_bytes([high, low]);
        if u64::from(version) != schema::LOG_VERSION {
            return Err(FrameError::Version(version));
        }
        if header[6..8] != [0; 2] {
            return Err(FrameError::Header("reserved"));
        }
        let chain_id = u64::from(be_u32(header, 8)) << 32 | u64::from(be_u32(header, 12));
        let mut rollup = [0; 20];
        rollup.copy_from_slice(&header[16..36]);
        let domain = Domain::new(chain_id, &rollup).ok_or(FrameError::Header("chain id"))?;
        debug_assert_eq!(domain.rollup, address_words(&rollup));
        let frames = Self {
            bytes,
            offset: HEADER_BYTES,
        };
        Ok((domain, frames))
    }

    fn read(&mut self) -> Result<Frame, FrameError> {
        let offset = self.offset;
        let truncated = FrameError::Truncated { offset };
        let rest = &self.bytes[offset..];
        let (prefix, rest) = rest.split_first_chunk::<PREFIX_BYTES>().ok_or(truncated)?;
        let length = be_u32(prefix, 0);
        if length as usize > FRAME_BYTES_MAX || !length.is_multiple_of(8) {
            return Err(FrameError::Length { offset, length });
        }
        let payload = rest.get(..length as usize).ok_or(truncated)?;
        if crc32c::crc32c(payload) != be_u32(prefix, 4) {
            return Err(FrameError::Checksum { offset });
        }
        self.offset += PREFIX_BYTES + length as usize;
        let words = payload
            .as_chunks::<8>()
            .0
            .iter()
            .map(|word| u64::from_be_bytes(*word));
        Ok(Frame {
            offset,
            words: words.collect(),
        })
    }
}

fn be_u32(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4]
        .iter()
        .fold(0, |word, &byte| word << 8 | u32::from(byte))
}

impl Iterator for Frames<'_> {
    type Item = Result<Frame, FrameError>;

    /// The next frame; after an error there is none.
    fn next(&mut self) -> Option<Self::Item> {
        if self.offset == self.bytes.len() {
            return None;
        }
        let frame = self.read();
        if frame.is_err() {
            self.offset = self.bytes.len();
        }
        Some(frame)
    }
}
