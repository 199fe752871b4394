//! Secret multiples of the generator, in constant time: 64 signed digits of five bits, each looked
//! up in a table of its own by reading all of it.

use std::sync::OnceLock;

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use crate::curve::{Point, TableEntry};
use crate::scalar::Scalar;

/// Digits of a scalar to base 32.
const DIGITS: usize = 64;
/// Entries of a digit's table: 1 to 16 times 32^i G.
const ENTRIES: usize = 16;

type Table = [TableEntry; ENTRIES];

/// s G. Neither the branches taken nor the addresses read depend on s.
pub(crate) fn times_generator(s: &Scalar) -> Point {
    let digits = s.signed_digits();
    tables()
        .iter()
        .zip(digits)
        .fold(Point::NEUTRAL, |sum, (table, digit)| {
            sum.plus_entry(&entry(table, digit))
        })
}

/// The entry of a digit in [-16, 16], by reading all of the table.
fn entry(table: &Table, digit: i8) -> TableEntry {
    let negative = Choice::from(digit as u8 >> 7);
    let size = u8::conditional_select(&(digit as u8), &(digit as u8).wrapping_neg(), negative);
    let mut found = TableEntry::NEUTRAL;
    for (number, entry) in (1_u8..).zip(table) {
        found.conditional_assign(entry, number.ct_eq(&size));
    }
    TableEntry::conditional_select(&found, &-found, negative)
}

fn tables() -> &'static [Table] {
    static TABLES: OnceLock<Vec<Table>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut multiples = Vec::with_capacity(DIGITS * ENTRIES);
        let mut base = Point::GENERATOR;
        for _ in 0..DIGITS {
            let mut multiple = base;
            for _ in 0..ENTRIES {
                multiples.push(multiple);
                multiple = multiple + base;
            }
            base = (0..5).fold(base, |point, _| point.double());
        }
        Point::to_entries(&multiples).as_chunks().0.to_vec()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comb_is_the_multiple() {
        let minus_one = -Scalar::ONE;
        let patterns =
            [0x00, 0x10, 0x55, 0x7f, 0xff].map(|byte| Scalar::from_bytes_reduced(&[byte; 64]));
        for s in patterns.into_iter().chain([Scalar::ONE, minus_one]) {
            assert_eq!(times_generator(&s), Point::GENERATOR.times_vartime(&s));
        }
        assert!(times_generator(&Scalar::ZERO).is_neutral());
        assert_eq!(times_generator(&minus_one), -Point::GENERATOR);
    }

    #[test]
    fn every_digit_finds_its_entry() {
        for digit in -16..=16_i8 {
            let size = Scalar::from_u128(u128::from(digit.unsigned_abs()));
            let multiple = Point::GENERATOR.times_vartime(&size);
            let expected = if digit < 0 { -multiple } else { multiple };
            assert_eq!(entry(&tables()[0], digit).to_point(), expected);
        }
    }
}
