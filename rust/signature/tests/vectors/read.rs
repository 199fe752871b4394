//! Reading tests/vectors/signature.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use zkperp_field::{F, canonical};
use zkperp_signature::{Gfp5, Point, Scalar};

/// The contents of a file of vectors.
pub(crate) fn load(name: &str) -> Value {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/signature");
    let text = fs::read_to_string(folder.join(name)).expect("the vectors are there");
    serde_json::from_str(&text).expect("the vectors are JSON")
}

/// The cases of a list, at least one.
pub(crate) fn cases<'a>(of: &'a Value, list: &str) -> &'a [Value] {
    let cases = of[list].as_array().expect("a list of cases");
    assert!(!cases.is_empty());
    cases
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

pub(crate) fn felt(value: &Value) -> F {
    canonical(text(value).parse().expect("a decimal integer")).expect("a felt")
}

/// A field element from its five coefficients.
pub(crate) fn element(value: &Value) -> Gfp5 {
    let felts: Vec<F> = value
        .as_array()
        .expect("five felts")
        .iter()
        .map(felt)
        .collect();
    Gfp5::from_felts(felts.try_into().expect("five felts"))
}

/// A group element from its encoding.
pub(crate) fn point(value: &Value) -> Point {
    Point::decode_vartime(element(value)).expect("an element of the group")
}

/// A scalar from its decimal digits.
pub(crate) fn scalar(value: &Value) -> Scalar {
    text(value).bytes().fold(Scalar::ZERO, |sum, digit| {
        sum * Scalar::from_u128(10) + Scalar::from_u128(u128::from(digit - b'0'))
    })
}

pub(crate) fn message(value: &Value) -> Vec<F> {
    value
        .as_array()
        .expect("a list of felts")
        .iter()
        .map(felt)
        .collect()
}

/// Bytes from hexadecimal digits.
pub(crate) fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    let digits = text(value).as_bytes();
    assert_eq!(digits.len(), 2 * N);
    std::array::from_fn(|i| {
        let pair = std::str::from_utf8(&digits[2 * i..2 * i + 2]).expect("ASCII");
        u8::from_str_radix(pair, 16).expect("hexadecimal")
    })
}
