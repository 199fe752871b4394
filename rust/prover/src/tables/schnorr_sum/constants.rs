//! The constants of a sum: the start, the tables as polynomials in a digit's bits, n's digits.

use std::array::from_fn;
use std::sync::OnceLock;

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_signature::{ENTRIES, Scalar, start, torsion_tables};

use super::columns::{PARTS, ROWS, SumFixed};
use crate::gfp5::{Point, coordinates};

/// Coordinates of a point: x, then y.
pub const COORDINATES: usize = 10;

/// A function of four bits as a polynomial: the coefficient at index m is that of the product of
/// the bits in m.
pub type Polynomial = [F; ENTRIES];

/// What the constraints know.
#[derive(Debug)]
pub struct Constants {
    /// S, where every sum starts.
    pub start: Point<F>,
    /// The coordinates of T_j + N as functions of the digit.
    pub tables: [[Polynomial; COORDINATES]; PARTS],
}

/// The constants, made on first use.
#[must_use]
pub fn constants() -> &'static Constants {
    static CONSTANTS: OnceLock<Constants> = OnceLock::new();
    CONSTANTS.get_or_init(|| Constants {
        start: coordinates(&start()),
        tables: torsion_tables().map(|table| {
            let points = table.map(|point| {
                let Point { x, y } = coordinates(&point);
                [x.0, y.0].concat()
            });
            from_fn(|i| interpolate(from_fn(|v| points[v][i])))
        }),
    })
}

/// The polynomial with these values.
fn interpolate(mut values: [F; ENTRIES]) -> Polynomial {
    for bit in 0..ENTRIES.ilog2() {
        for v in 0..ENTRIES {
            if v >> bit & 1 == 1 {
                let without = values[v ^ (1 << bit)];
                values[v] -= without;
            }
        }
    }
    values
}

/// The 96 digits of a number of 40 little-endian bytes, by part, lowest first.
#[must_use]
pub fn digits(bytes: &[u8; 40]) -> [[u8; ROWS]; PARTS] {
    from_fn(|part| {
        from_fn(|window| {
            let digit = ROWS * part + window;
            bytes
                .get(digit / 2)
                .map_or(0, |byte| byte >> (4 * (digit % 2)) & 15)
        })
    })
}

/// The digits of n.
#[must_use]
pub fn order_digits() -> [[u8; ROWS]; PARTS] {
    // n is odd, so adding 1 to n - 1 changes the lowest digit only.
    let mut order = digits(&(-Scalar::ONE).to_bytes());
    order[0][0] += 1;
    order
}

/// The fixed columns, of period 32.
#[must_use]
pub fn fixed_columns() -> Vec<Vec<F>> {
    let order = order_digits();
    let mut columns = vec![F::zero_vec(ROWS); SumFixed::<F>::WIDTH];
    for i in 0..ROWS {
        let mut row = [F::ZERO; SumFixed::<F>::WIDTH];
        SumFixed {
            first: F::from_bool(i == 0),
            last: F::from_bool(i == ROWS - 1),
            middle: F::from_bool(i == ROWS / 2 - 1),
            tail_start: F::from_bool(i % 16 == 7),
            tail: F::from_bool(i % 16 < 7),
            order: order.map(|part| F::from_u8(part[i])),
        }
        .write(&mut row);
        for (column, value) in columns.iter_mut().zip(row) {
            column[i] = value;
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_polynomials_give_the_tables() {
        for (table, polynomials) in torsion_tables().iter().zip(&constants().tables) {
            for (v, point) in table.iter().enumerate() {
                let at = |polynomial: &Polynomial| -> F {
                    (0..ENTRIES)
                        .filter(|m| m & v == *m)
                        .map(|m| polynomial[m])
                        .sum()
                };
                let felts: Vec<F> = polynomials.iter().map(at).collect();
                assert_eq!(felts, [point.x.to_felts(), point.y.to_felts()].concat());
            }
        }
    }

    #[test]
    fn the_order_ends_and_starts_as_it_should() {
        // n = 0x7ffffffd80000007...e80fd996948bffe1, 319 bits.
        let [low, _, high] = order_digits();
        assert_eq!(low[..4], [1, 14, 15, 15]);
        assert_eq!(high[12..17], [15, 15, 15, 7, 0]);
    }
}
