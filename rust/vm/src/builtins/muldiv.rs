//! `muldiv`: `(a, b, e, c, q, r)` with `a*b + e = q*c + r` over the integers, `0 <= r < c`, and all
//! of `a, b, e, c, q` below 2^62. Quotient and remainder are unique, so they are deduced.

use thiserror::Error;
use zkperp_field::{F, PrimeCharacteristicRing, PrimeField64};

use super::felt;
use crate::value::Value;

/// Input cells of an instance: `a, b, e, c`.
pub const INPUTS: u32 = 4;
/// Cells of an instance.
pub const CELLS: u32 = 6;
/// All cells are below `2^BITS`.
pub const BITS: u32 = 62;

/// Operands without a quotient in range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MuldivError {
    /// An operand that is not below 2^62.
    #[error("muldiv: operand {name} = {value} is not below 2^62")]
    Operand {
        /// Which of `a, b, e, c`.
        name: char,
        /// Its canonical value.
        value: u64,
    },
    /// The divisor is zero.
    #[error("muldiv: ({a} * {b} + {e}) / 0")]
    DivisionByZero {
        /// First factor.
        a: u64,
        /// Second factor.
        b: u64,
        /// Addend.
        e: u64,
    },
    /// The quotient is not below 2^62.
    #[error("muldiv: the quotient of ({a} * {b} + {e}) / {c} is not below 2^62")]
    Quotient {
        /// First factor.
        a: u64,
        /// Second factor.
        b: u64,
        /// Addend.
        e: u64,
        /// Divisor.
        c: u64,
    },
}

/// Quotient and remainder of `(a*b + e) / c`, operands and quotient below 2^62.
///
/// # Errors
/// When an operand or the quotient is out of range, or `c` is 0.
pub fn divide(a: u64, b: u64, e: u64, c: u64) -> Result<(u64, u64), MuldivError> {
    for (name, value) in [('a', a), ('b', b), ('e', e), ('c', c)] {
        if value >> BITS != 0 {
            return Err(MuldivError::Operand { name, value });
        }
    }
    if c == 0 {
        return Err(MuldivError::DivisionByZero { a, b, e });
    }
    // Below 2^124 + 2^62, so it does not overflow.
    let dividend = u128::from(a) * u128::from(b) + u128::from(e);
    let (quotient, remainder) = (dividend / u128::from(c), dividend % u128::from(c));
    if quotient >> BITS != 0 {
        return Err(MuldivError::Quotient { a, b, e, c });
    }
    Ok((quotient as u64, remainder as u64))
}

pub(super) fn complete(inputs: &[Value], outputs: &mut [Value]) -> Result<(), MuldivError> {
    let [a, b, e, c] = std::array::from_fn(|i| felt(inputs[i]).as_canonical_u64());
    let (q, r) = divide(a, b, e, c)?;
    outputs.copy_from_slice(&[q, r].map(|output| Value::felt(F::from_u64(output))));
    Ok(())
}

/// `0 * 0 + 0 = 0 * 1 + 0`.
pub(super) fn padding() -> Vec<F> {
    [0, 0, 0, 1, 0, 0].map(F::from_u8).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use zkperp_field::P;

    const TOP: u64 = (1 << BITS) - 1;

    #[test]
    fn the_largest_operands_divide_exactly() {
        assert_eq!(
            divide(TOP, TOP, TOP, TOP),
            Err(MuldivError::Quotient {
                a: TOP,
                b: TOP,
                e: TOP,
                c: TOP
            })
        );
        assert_eq!(divide(TOP, TOP, TOP - 1, TOP), Ok((TOP, TOP - 1)));
        assert_eq!(divide(0, 0, 0, 1), Ok((0, 0)));
        assert_eq!(divide(7, 9, 1, 10), Ok((6, 4)));
    }

    #[test]
    fn operands_out_of_range_are_refused_by_name() {
        for value in [1 << BITS, P - 1] {
            for (i, name) in ['a', 'b', 'e', 'c'].into_iter().enumerate() {
                let mut operands = [1; 4];
                operands[i] = value;
                let [a, b, e, c] = operands;
                assert_eq!(
                    divide(a, b, e, c),
                    Err(MuldivError::Operand { name, value })
                );
            }
        }
        assert_eq!(
            divide(1, 2, 3, 0),
            Err(MuldivError::DivisionByZero { a: 1, b: 2, e: 3 })
        );
    }

    proptest! {
        #[test]
        fn the_relation_holds(a in 0..=TOP, b in 0..=TOP, e in 0..=TOP, c in 1..=TOP) {
            if let Ok((q, r)) = divide(a, b, e, c) {
                let wide = u128::from;
                prop_assert_eq!(wide(a) * wide(b) + wide(e), wide(q) * wide(c) + wide(r));
                prop_assert!(r < c && q <= TOP);
            }
        }
    }
}
