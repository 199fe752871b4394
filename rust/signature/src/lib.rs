//! Schnorr signatures over EcGFp5 (Thomas Pornin, eprint 2022/274), the signature of every user
//! command: a constant-time signer, the verifier, and the affine steps that the proof constrains.
//! The scheme's text is docs/spec/signature.md.
//!
//! - [`SecretKey`], [`PublicKey`], [`Signature`]: canonical encodings of 40, 40 and 80 bytes, all
//!   others refused; [`KeyValidity`] proves of any element whether it is a key;
//! - [`sign`], [`verify`], [`verify_all`]: over messages of felts;
//! - [`trace`]: every affine step of a verification, for the proof's `schnorr` table.
//!
//! **Constant time.** Neither a branch nor an address depends on a secret key or a nonce: fields in
//! `gfp`, `gfp5` and `scalar`, table lookups in `comb`, hashing by HMAC-SHA-512. Limits: the
//! compiler is asked, not forced, to keep masks free of branches; 64-bit multiplication must take
//! constant time, as it does on x86-64 and 64-bit ARM; copies of secrets that the compiler leaves
//! in registers and on the stack are not wiped; faults and power traces are out of scope.

mod affine;
mod challenge;
mod comb;
mod curve;
mod equation;
mod gfp;
mod gfp5;
mod key;
mod nonce;
mod refusal;
mod scalar;
mod schnorr;
pub mod trace;

pub use affine::AffinePoint;
pub use challenge::{BITS as CHALLENGE_BITS, Challenge, DOMAIN as CHALLENGE_DOMAIN};
pub use curve::{CURVE_A, CURVE_B_OVER_Z, NotInGroup, Point};
pub use equation::{
    ENTRIES, Excluded, STEPS, TABLES, WINDOW_BITS, WINDOWS, start, sum_vartime, torsion_tables,
};
pub use gfp5::{Gfp5, NotCanonical};
pub use key::{KeyValidity, PublicKey, SecretKey};
pub use refusal::Refusal;
pub use scalar::{NotBelowOrder, Scalar};
pub use schnorr::{SIGNATURE_BYTES, Signature, Signed, sign, verify, verify_all};
