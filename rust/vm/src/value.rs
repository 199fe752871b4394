//! What a memory cell holds while the program runs: a field element, a pointer, or nothing yet.
//!
//! Segment sizes are known only after the run, so an address is a pair (segment, offset) until
//! then. A cell is one 64-bit word: below p it is the field element itself; the 2^32 − 1 words from
//! p on are no field elements and encode pointers, and the last of them "not written". That halves
//! the memory the run touches, which is what its speed hangs on.

use std::fmt;

use thiserror::Error;
use zkperp_field::{F, Field, P, PrimeCharacteristicRing, PrimeField64};

const OFFSET_BITS: u32 = 28;
/// Offsets are below this.
pub const MAX_OFFSET: u32 = 1 << OFFSET_BITS;
/// Segments are numbered below this. (One less than fits, so that no pointer is `UNKNOWN`.)
pub const MAX_SEGMENTS: u8 = 15;

/// A memory segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment(u8);

impl Segment {
    /// The program's words.
    pub const PROGRAM: Segment = Segment(0);
    /// The stack, where `ap` and `fp` point.
    pub const EXECUTION: Segment = Segment(1);
    /// The host-filled advice.
    pub const ADVICE: Segment = Segment(2);

    /// The segment of the program's `index`-th builtin.
    #[must_use]
    pub fn builtin(index: usize) -> Segment {
        let number = 3 + index;
        assert!(
            number < usize::from(MAX_SEGMENTS),
            "Invariant: there are fewer builtins than segment numbers"
        );
        Segment(number as u8)
    }

    /// The index of the builtin that the segment belongs to.
    #[inline(always)]
    #[must_use]
    pub fn builtin_index(self) -> Option<usize> {
        usize::from(self.0).checked_sub(3)
    }

    /// The segment's number, in order of creation.
    #[inline(always)]
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Segment::PROGRAM => f.write_str("program"),
            Segment::EXECUTION => f.write_str("execution"),
            Segment::ADVICE => f.write_str("advice"),
            Segment(number) => write!(f, "builtin#{}", number - 3),
        }
    }
}

/// An operation that has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    /// Sum of two pointers.
    #[error("{0} + {1}: sum of two pointers")]
    PointerSum(Value, Value),
    /// Difference that is neither felt − felt, pointer − felt nor within one segment.
    #[error("{0} - {1}: the pointers are not into the same segment")]
    PointerDifference(Value, Value),
    /// Product or quotient with a pointer.
    #[error("{0} and {1}: product or quotient of a pointer")]
    PointerProduct(Value, Value),
    /// Pointer arithmetic that leaves the segment.
    #[error("{0} moved by {1} leaves its segment")]
    PointerRange(Value, Value),
    /// Division by zero.
    #[error("{0} / 0")]
    DivisionByZero(Value),
}

/// A memory cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Value(u64);

impl Value {
    /// A cell that was not written.
    pub const UNKNOWN: Value = Value(u64::MAX);
    /// The field element 0.
    pub const ZERO: Value = Value(0);

    /// A field element.
    #[inline(always)]
    #[must_use]
    pub fn felt(value: F) -> Self {
        Value(value.as_canonical_u64())
    }

    /// A pointer.
    #[inline(always)]
    #[must_use]
    pub fn pointer(segment: Segment, offset: u32) -> Self {
        debug_assert!(offset < MAX_OFFSET);
        Value(P + u64::from(u32::from(segment.0) << OFFSET_BITS | offset))
    }

    /// Whether the cell was written.
    #[inline(always)]
    #[must_use]
    pub fn is_known(self) -> bool {
        self != Self::UNKNOWN
    }

    /// The field element, if it is one.
    #[inline(always)]
    #[must_use]
    pub fn as_felt(self) -> Option<F> {
        (self.0 < P).then(|| F::from_u64(self.0))
    }

    /// The field element's canonical representative, if it is a field element.
    #[inline(always)]
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        (self.0 < P).then_some(self.0)
    }

    /// Segment and offset, if it is a pointer.
    #[inline(always)]
    #[must_use]
    pub fn as_pointer(self) -> Option<(Segment, u32)> {
        if self.0 < P || self == Self::UNKNOWN {
            return None;
        }
        let code = (self.0 - P) as u32;
        Some((
            Segment((code >> OFFSET_BITS) as u8),
            code & (MAX_OFFSET - 1),
        ))
    }

    /// The sum; one operand may be a pointer.
    ///
    /// # Errors
    /// For two pointers, or when the pointer leaves its segment.
    #[inline(always)]
    pub fn try_add(self, other: Value) -> Result<Value, ValueError> {
        if self.0 < P && other.0 < P {
            return Ok(Value(add_mod(self.0, other.0)));
        }
        match (self.as_pointer(), other.as_pointer()) {
            (Some((segment, offset)), None) => self.moved(segment, offset, other.0, other),
            (None, Some((segment, offset))) => other.moved(segment, offset, self.0, self),
            _ => Err(ValueError::PointerSum(self, other)),
        }
    }

    /// The difference: felt − felt, pointer − felt, or pointer − pointer within a segment.
    ///
    /// # Errors
    /// For any other pair, or when the pointer leaves its segment.
    #[inline(always)]
    pub fn try_sub(self, other: Value) -> Result<Value, ValueError> {
        if self.0 < P && other.0 < P {
            return Ok(Value(sub_mod(self.0, other.0)));
        }
        match (self.as_pointer(), other.as_pointer()) {
            (Some((segment, offset)), None) => {
                self.moved(segment, offset, sub_mod(0, other.0), other)
            }
            (Some((a, from)), Some((b, to))) if a == b => {
                Ok(Value(sub_mod(u64::from(from), u64::from(to))))
            }
            _ => Err(ValueError::PointerDifference(self, other)),
        }
    }

    /// The product of two field elements.
    ///
    /// # Errors
    /// When one is a pointer.
    #[inline(always)]
    pub fn try_mul(self, other: Value) -> Result<Value, ValueError> {
        match (self.as_felt(), other.as_felt()) {
            (Some(a), Some(b)) => Ok(Value::felt(a * b)),
            _ => Err(ValueError::PointerProduct(self, other)),
        }
    }

    /// The quotient of two field elements.
    ///
    /// # Errors
    /// When one is a pointer, or the divisor is 0.
    pub fn try_div(self, other: Value) -> Result<Value, ValueError> {
        match (self.as_felt(), other.as_felt()) {
            (Some(a), Some(b)) => match b.try_inverse() {
                Some(inverse) => Ok(Value::felt(a * inverse)),
                None => Err(ValueError::DivisionByZero(self)),
            },
            _ => Err(ValueError::PointerProduct(self, other)),
        }
    }

    /// This pointer moved by a field element in `0..p`; p − k moves it back by k.
    #[inline(always)]
    fn moved(
        self,
        segment: Segment,
        offset: u32,
        by: u64,
        operand: Value,
    ) -> Result<Value, ValueError> {
        let target = add_mod(u64::from(offset), by);
        if target < u64::from(MAX_OFFSET) {
            Ok(Value::pointer(segment, target as u32))
        } else {
            Err(ValueError::PointerRange(self, operand))
        }
    }
}

#[inline(always)]
fn add_mod(a: u64, b: u64) -> u64 {
    let (sum, carry) = a.overflowing_add(b);
    let (reduced, borrow) = sum.overflowing_sub(P);
    if carry || !borrow { reduced } else { sum }
}

#[inline(always)]
fn sub_mod(a: u64, b: u64) -> u64 {
    let (difference, borrow) = a.overflowing_sub(b);
    if borrow {
        difference.wrapping_add(P)
    } else {
        difference
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.as_u64(), self.as_pointer()) {
            (Some(value), _) => write!(f, "{value}"),
            (_, Some((segment, offset))) => write!(f, "{segment}:{offset}"),
            _ => f.write_str("unknown"),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn felt(value: u64) -> Value {
        Value::felt(F::from_u64(value))
    }

    fn edges() -> impl Strategy<Value = u64> {
        prop_oneof![0..P, 0..4u64, P - 4..P, (1u64 << 32) - 2..(1u64 << 32) + 2]
    }

    proptest! {
        #[test]
        fn field_operations_agree_with_the_field(a in edges(), b in edges()) {
            let (x, y) = (F::from_u64(a), F::from_u64(b));
            prop_assert_eq!(felt(a).try_add(felt(b)), Ok(Value::felt(x + y)));
            prop_assert_eq!(felt(a).try_sub(felt(b)), Ok(Value::felt(x - y)));
            prop_assert_eq!(felt(a).try_mul(felt(b)), Ok(Value::felt(x * y)));
            if b != 0 {
                prop_assert_eq!(felt(a).try_div(felt(b)).unwrap().try_mul(felt(b)), Ok(felt(a)));
            }
        }

        #[test]
        fn pointers_round_trip(segment in 0..MAX_SEGMENTS, offset in 0..MAX_OFFSET) {
            let pointer = Value::pointer(Segment(segment), offset);
            prop_assert_eq!(pointer.as_pointer(), Some((Segment(segment), offset)));
            prop_assert!(pointer.is_known() && pointer.as_felt().is_none());
        }
    }

    #[test]
    fn pointers_move_within_their_segment_only() {
        let pointer = Value::pointer(Segment::EXECUTION, 10);
        assert_eq!(
            pointer.try_add(felt(P - 3)),
            Ok(Value::pointer(Segment::EXECUTION, 7))
        );
        assert_eq!(
            felt(5).try_add(pointer),
            Ok(Value::pointer(Segment::EXECUTION, 15))
        );
        assert_eq!(
            pointer.try_sub(felt(10)),
            Ok(Value::pointer(Segment::EXECUTION, 0))
        );
        assert_eq!(
            pointer.try_sub(Value::pointer(Segment::EXECUTION, 12)),
            Ok(felt(P - 2))
        );
        let below = felt(P - 11);
        assert_eq!(
            pointer.try_add(below),
            Err(ValueError::PointerRange(pointer, below))
        );
        let above = felt(u64::from(MAX_OFFSET) - 10);
        assert_eq!(
            pointer.try_add(above),
            Err(ValueError::PointerRange(pointer, above))
        );
    }

    #[test]
    fn pointer_arithmetic_without_meaning_is_refused() {
        let (a, b) = (
            Value::pointer(Segment::PROGRAM, 1),
            Value::pointer(Segment::ADVICE, 1),
        );
        assert_eq!(a.try_add(b), Err(ValueError::PointerSum(a, b)));
        assert_eq!(a.try_sub(b), Err(ValueError::PointerDifference(a, b)));
        assert_eq!(
            felt(1).try_sub(a),
            Err(ValueError::PointerDifference(felt(1), a))
        );
        assert_eq!(
            a.try_mul(felt(2)),
            Err(ValueError::PointerProduct(a, felt(2)))
        );
        assert_eq!(
            felt(2).try_div(a),
            Err(ValueError::PointerProduct(felt(2), a))
        );
        assert_eq!(
            felt(2).try_div(felt(0)),
            Err(ValueError::DivisionByZero(felt(2)))
        );
    }
}
