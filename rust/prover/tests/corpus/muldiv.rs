//! Bad witnesses against `muldiv`.

use p3_field::{Field, PrimeCharacteristicRing, PrimeField64};
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::muldiv::columns::{CARRIES, CARRY_OFFSET, CELLS, LIMBS, MulDivCols};
use zkperp_stark::F;
use zkperp_vm::builtins::Builtin;

use crate::support::base::unused;
use crate::support::case::{Case, constraint, message};
use crate::support::witness::Witness;

/// Every case of this table.
pub(crate) fn cases() -> Vec<Case> {
    let values = (0..CELLS).flat_map(value_cases);
    let gap = gap_cases();
    values
        .chain(gap)
        .chain(carry_cases())
        .chain(arithmetic())
        .chain(places())
        .collect()
}

/// The cells of an instance.
const NAMES: [&str; CELLS] = ["a", "b", "e", "c", "q", "r"];
/// Messages per cell: four limbs, four times the top one, memory.
const PER_CELL: usize = 6;
/// Number of the first message about the gap.
const GAP: usize = PER_CELL * CELLS;
/// Number of the first message about a carry.
const CARRY: usize = GAP + 5;

/// An instance with limbs of any size; the carries follow in the field.
#[derive(Clone, Copy)]
struct Division {
    values: [[F; LIMBS]; CELLS],
    gap: [F; LIMBS],
}

impl Division {
    /// An instance of the integers (a, b, e, c, q, r), with the gap c - r - 1.
    fn of([a, b, e, c, q, r]: [u64; CELLS]) -> Self {
        Self {
            values: [a, b, e, c, q, r].map(limbs),
            gap: limbs(c.wrapping_sub(r).wrapping_sub(1)),
        }
    }

    fn with(mut self, cell: usize, limb: usize, value: F) -> Self {
        self.values[cell][limb] = value;
        self
    }

    fn with_gap(mut self, limb: usize, value: F) -> Self {
        self.gap[limb] = value;
        self
    }

    /// The carries that the first three equations ask for; the fourth has none.
    fn carries(&self) -> [F; CARRIES] {
        let [a, b, e, c, q, r] = self.values;
        let digit = |k: usize| -> F {
            let pairs = (0..LIMBS).filter_map(|i| Some((i, k.checked_sub(i)?)));
            let products = pairs.filter(|(_, j)| *j < LIMBS);
            let sum: F = products.map(|(i, j)| a[i] * b[j] - q[i] * c[j]).sum();
            sum + if k < LIMBS { e[k] - r[k] } else { F::ZERO }
        };
        let mut carry = F::ZERO;
        std::array::from_fn(|pair| {
            let sum = digit(2 * pair) + digit(2 * pair + 1) * F::from_u32(1 << 16);
            carry = (sum + carry) * F::from_u64(1 << 32).inverse();
            carry
        })
    }

    /// A witness whose last instance is this one, in `muldiv` and in memory.
    fn witness(&self) -> Witness {
        self.witness_with(self.carries().map(|carry| split(carry, 0)))
    }

    fn witness_with(&self, carries: [[F; 2]; CARRIES]) -> Witness {
        let mut w = unused(Builtin::Muldiv);
        let row = w.rows(Kind::MulDiv) - 1;
        let first = last_instance(&w);
        for (cell, limbs) in self.values.iter().enumerate() {
            let terms = limbs.iter().zip((0..).step_by(16));
            *w.memory(first + cell as u32) = terms
                .map(|(limb, shift)| *limb * F::from_u64(1 << shift))
                .sum();
        }
        let cells = w.row_mut(Kind::MulDiv, row);
        let address = MulDivCols::<F>::read(cells).address;
        MulDivCols {
            address,
            values: self.values,
            gap: self.gap,
            carries,
        }
        .write(cells);
        w.settle();
        w
    }
}

/// Limbs of 16 bits, lowest first.
fn limbs(value: u64) -> [F; LIMBS] {
    std::array::from_fn(|k| F::from_u64(value >> (16 * k) & 0xffff))
}

/// A carry as its two limbs; one out of range has one bad limb, number `bad`.
fn split(carry: F, bad: usize) -> [F; 2] {
    let shifted = carry + F::from_u32(CARRY_OFFSET);
    match (u32::try_from(shifted.as_canonical_u64()), bad) {
        (Ok(small), _) => [F::from_u32(small & 0xffff), F::from_u32(small >> 16)],
        (Err(_), 0) => [shifted, F::ZERO],
        (Err(_), _) => [F::ZERO, shifted * F::from_u32(1 << 16).inverse()],
    }
}

fn quarter() -> F {
    F::from_u32(4).inverse()
}

/// Address of the last instance's first cell.
fn last_instance(w: &Witness) -> u32 {
    let segment = w.geometry.segment(Builtin::Muldiv).expect("divisions");
    segment.base + segment.table_cells() - CELLS as u32
}

/// All messages about one cell.
fn value_cases(cell: usize) -> Vec<Case> {
    let name = NAMES[cell];
    let number = |k: usize| PER_CELL * cell + k;
    let low = (0..LIMBS - 1).map(move |limb| {
        message(
            Kind::MulDiv,
            number(limb),
            format!("limb {limb} of {name} is -1"),
            "the equation would hold for negative numbers, or for two forms of one number",
            move || negative_limb(cell, limb).witness(),
        )
    });
    let top = [
        message(
            Kind::MulDiv,
            number(LIMBS - 1),
            format!("the top limb of {name} is an odd number over 4 in the field"),
            "a value slightly above 2^62 would pass, or two forms of one number",
            move || fractional_top(cell).witness(),
        ),
        message(
            Kind::MulDiv,
            number(LIMBS),
            format!("{name} is 2^62 or more"),
            "the equation would not be one over the integers",
            move || large(cell).witness(),
        ),
        message(
            Kind::MulDiv,
            number(LIMBS + 1),
            format!("memory holds another {name} than the table"),
            "the program's operands and results would not be those of the division",
            move || {
                let mut w = unused(Builtin::Muldiv);
                let address = last_instance(&w) + cell as u32;
                *w.memory(address) += F::ONE;
                w.settle();
                w
            },
        ),
    ];
    low.chain(top).collect()
}

/// An instance where only this limb, which is -1, is out of range.
fn negative_limb(cell: usize, limb: usize) -> Division {
    let unit = 1u64 << (16 * limb);
    let integers = match NAMES[cell] {
        // -unit * 5 + 5 unit = 0
        "a" => [0, 5, 5 * unit, 1, 0, 0],
        "b" => [5, 0, 5 * unit, 1, 0, 0],
        // unit * 1 - unit = 0
        "e" => [unit, 1, 0, 1, 0, 0],
        // c is 2^16 unit - unit, as limbs (-1, 1) where (65535, 0) would do.
        "c" => [0, 0, 0, (unit << 16) - unit, 0, 0],
        "q" => [(unit << 16) - unit, 1, 0, 1, (unit << 16) - unit, 0],
        // 0 = 1 * unit - unit: the remainder is negative.
        _ => [0, 0, 0, unit, 1, 0],
    };
    let mut division = Division::of(integers).with(cell, limb, F::NEG_ONE);
    match NAMES[cell] {
        "c" | "q" => division = division.with(cell, limb + 1, F::ONE),
        "r" => division.gap = limbs(2 * unit - 1),
        _ => {}
    }
    division
}

/// 2^46 * 65535 + 2^48 - 1, above 2^62: its top limb is 65535/4.
const ABOVE: u64 = (0xffff << 46) + (1 << 48) - 1;

/// An instance where this cell's top limb is no integer, though four times it is one of 16 bits.
fn fractional_top(cell: usize) -> Division {
    let above = [
        F::from_u32(0xffff),
        F::from_u32(0xffff),
        F::from_u32(0xffff),
    ];
    let (integers, top) = match NAMES[cell] {
        "a" => ([0, 1, 0, 16, ABOVE / 16, ABOVE % 16], F::from_u32(0xffff)),
        "b" => ([1, 0, 0, 16, ABOVE / 16, ABOVE % 16], F::from_u32(0xffff)),
        "e" => ([0, 0, 0, 16, ABOVE / 16, ABOVE % 16], F::from_u32(0xffff)),
        "c" => ([0, 0, 1 << 60, ABOVE, 0, 1 << 60], F::from_u32(0xffff)),
        "q" => ([ABOVE / 16, 16, ABOVE % 16, 1, 0, 0], F::from_u32(0xffff)),
        // A remainder above 2^62 leaves no gap: this one is 2^46.
        _ => {
            let r = Division::of([0, 0, 1 << 46, 1 << 47, 0, 1 << 46]);
            return r.with(cell, 2, F::ZERO).with(cell, LIMBS - 1, quarter());
        }
    };
    let mut division = Division::of(integers);
    division.values[cell][..LIMBS - 1].copy_from_slice(&above);
    division.with(cell, LIMBS - 1, top * quarter())
}

/// An instance where this cell is 2^62 or more.
fn large(cell: usize) -> Division {
    Division::of(match NAMES[cell] {
        "a" => [1 << 62, 1, 0, 16, 1 << 58, 0],
        "b" => [1, 1 << 62, 0, 16, 1 << 58, 0],
        "e" => [0, 0, 1 << 62, 16, 1 << 58, 0],
        "c" => [0, 0, 1 << 60, 1 << 62, 0, 1 << 60],
        "q" => [1 << 58, 16, 0, 1, 1 << 62, 0],
        // r = -1 in the field, p - 1 over the integers: c - r - 1 = 1.
        _ => {
            let division = Division::of([1 << 32, (1 << 32) - 1, 0, 1, 0, zkperp_field::P - 1]);
            return Division {
                gap: limbs(1),
                ..division
            };
        }
    })
}

/// All messages about the gap c - r - 1.
fn gap_cases() -> Vec<Case> {
    let negative = (0..LIMBS - 1).map(|limb| {
        message(
            Kind::MulDiv,
            GAP + limb,
            format!("r exceeds c: limb {limb} of c - r - 1 is -1"),
            "the quotient would be too small by as much as the prover wants",
            move || {
                let r = 1 << (16 * limb);
                let mut division = Division::of([0, 0, r, 1, 0, r]);
                division.gap = [F::ZERO; LIMBS];
                division.with_gap(limb, F::NEG_ONE).witness()
            },
        )
    });
    let top = [
        message(
            Kind::MulDiv,
            GAP + LIMBS - 1,
            "c - r - 1 = 2^46 with a top limb of 1/4 in the field",
            "a limb must be an integer",
            || {
                let division = Division::of([0, 0, 0, (1 << 46) + 1, 0, 0]);
                division
                    .with_gap(2, F::ZERO)
                    .with_gap(LIMBS - 1, quarter())
                    .witness()
            },
        ),
        message(
            Kind::MulDiv,
            GAP + LIMBS,
            "r = c: c - r - 1 is p - 1, whose limbs have 16 bits",
            "the remainder would not be below the divisor",
            || {
                let mut division = Division::of([0, 0, 1, 1, 0, 1]);
                division.gap = limbs(zkperp_field::P - 1);
                division.witness()
            },
        ),
    ];
    negative.chain(top).collect()
}

/// All messages about carries.
fn carry_cases() -> Vec<Case> {
    let limb = ["low", "high"];
    let wrapped = [
        // 2^32 * 2^32 = 2^64, which is 2^32 - 1 mod p.
        (0, [1 << 32, 1 << 32, 0, 1 << 32, 0, (1 << 32) - 1]),
        // 2^48 * 2^48 = 2^96, which is -1 mod p, and so is (2^32 - 1) * 2^32.
        (1, [1 << 48, 1 << 48, 0, 1 << 32, (1 << 32) - 1, 0]),
    ];
    let wrapped = wrapped.into_iter().flat_map(|(carry, integers)| {
        [0, 1].map(|bad| {
            message(
                Kind::MulDiv,
                CARRY + 2 * carry + bad,
                format!(
                    "an equation that holds mod p only: carry {carry} has a bad {} limb",
                    limb[bad]
                ),
                "products would be taken mod p, not over the integers",
                move || {
                    let division = Division::of(integers);
                    division.witness_with(division.carries().map(|carry| split(carry, bad)))
                },
            )
        })
    });
    // The last equation makes the last carry small; only its two limbs are in question.
    let last = [[-(1i64 << 16), 0x8001], [1, 0]]
        .into_iter()
        .enumerate()
        .map(|(bad, limbs)| {
            message(
                Kind::MulDiv,
                CARRY + 4 + bad,
                format!("the last carry, 0, has a bad {} limb", limb[bad]),
                "a limb must be a 16-bit integer (not needed: see the list of what is implied)",
                move || {
                    let division = Division::of([0, 0, 0, 1, 0, 0]);
                    let mut carries = division.carries().map(|carry| split(carry, 0));
                    let low = F::from_i64(limbs[0]);
                    let high = (F::from_u32(CARRY_OFFSET) - low) * F::from_u32(1 << 16).inverse();
                    carries[2] = [low, high];
                    division.witness_with(carries)
                },
            )
        });
    wrapped.chain(last).collect()
}

/// Wrong results, with all limbs in range.
fn arithmetic() -> Vec<Case> {
    let wrong = [
        ("7 * 1 = 2 * 2 + 1", [7, 1, 0, 2, 2, 1]),
        ("2^32 = 0", [1 << 32, 1, 0, 1, 0, 0]),
        ("2^64 = 0", [1 << 32, 1 << 32, 0, 1, 0, 0]),
        ("2^96 = 0", [1 << 48, 1 << 48, 0, 1, 0, 0]),
    ];
    let product = wrong.into_iter().map(|(mutation, integers)| {
        constraint(
            "muldiv/product: a·b + e = q·c + r, two digits at a time",
            mutation,
            "products and quotients would be the prover's choice",
            move || {
                let zero = split(F::ZERO, 0);
                Division::of(integers).witness_with([zero; CARRIES])
            },
        )
    });
    let remainder = [[0, 0, 7, 2, 2, 3], [0, 0, 0, 0, 5, 0], [0, 0, 9, 0, 1, 9]].map(|integers| {
        constraint(
            "muldiv/remainder: r < c",
            format!("(a, b, e, c, q, r) = {integers:?} with a gap of 0"),
            "quotients would be the prover's choice, by zero too",
            move || {
                let mut division = Division::of(integers);
                division.gap = [F::ZERO; LIMBS];
                division.witness()
            },
        )
    });
    product.chain(remainder).collect()
}

fn shift(w: &mut Witness, from: usize, by: i32) {
    let column = MulDivCols::numbers().address;
    for row in from..w.rows(Kind::MulDiv) {
        w.row_mut(Kind::MulDiv, row)[column] += F::from_i32(by);
    }
}

/// Makes the last instance none: 1 * 1 = 0.
fn abandon_last_instance(w: &mut Witness) {
    let first = last_instance(w);
    for (cell, value) in [1, 1, 0, 1, 0, 0].into_iter().enumerate() {
        w.set_memory(first + cell as u32, value);
    }
}

fn places() -> [Case; 3] {
    [
        constraint(
            "muldiv/first: the first row is the segment's first instance",
            "the table starts one instance below the segment, on claimed outputs that are a division",
            "the last instance would be unconstrained",
            || {
                let mut w = unused(Builtin::Muldiv);
                shift(&mut w, 0, -(CELLS as i32));
                let first = (1 << w.geometry.log_public) - CELLS;
                for (i, value) in Builtin::Muldiv.padding().into_iter().enumerate() {
                    w.set_public(first + i, value);
                }
                abandon_last_instance(&mut w);
                w.settle();
                w
            },
        ),
        constraint(
            "muldiv/step: six cells a row",
            "two rows stand for one instance, none for the last",
            "an instance would be unconstrained",
            || {
                let mut w = unused(Builtin::Muldiv);
                let last = w.rows(Kind::MulDiv) - 1;
                shift(&mut w, last, -(CELLS as i32));
                abandon_last_instance(&mut w);
                w.settle();
                w
            },
        ),
        constraint(
            "muldiv/step: six cells a row",
            "the second half of the table is the first again",
            "half of the instances would be unconstrained",
            || {
                let mut w = unused(Builtin::Muldiv);
                let half = w.rows(Kind::MulDiv) / 2;
                shift(&mut w, half, -((half * CELLS) as i32));
                abandon_last_instance(&mut w);
                w.settle();
                w
            },
        ),
    ]
}
