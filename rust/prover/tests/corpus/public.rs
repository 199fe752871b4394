//! Bad witnesses against `public`.

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::public::columns::PublicCols;
use zkperp_stark::F;
use zkperp_vm::instruction::Flag;

use crate::support::assembly::{Word, code, push, ret};
use crate::support::base::{honest, idle, machine};
use crate::support::case::{Case, constraint, message};
use crate::support::machine::Machine;
use crate::support::witness::{Witness, address};
use Word::Data;

/// First address of the `output` segment in a program without other builtins.
const OUTPUT: u32 = 7;
/// A pointer of the prover's choice.
const ELSEWHERE: u32 = 20;

/// Every case of this table.
pub(crate) fn cases() -> Vec<Case> {
    let claims = [0, 1, 2, 3, 4, 5, 6, 40, 63].map(|index| {
        constraint(
            "public/value: the cell is the public column's",
            format!("public value {index} of the statement is another one than the proof's"),
            "a statement would say anything",
            move || {
                let mut w = honest(&idle());
                w.public[index] += F::ONE;
                w
            },
        )
    });
    let cells = [6, 7, 30, 62, 63].map(|index| {
        message(
            Kind::Public,
            0,
            format!("public value {index} is not the output cell that memory holds"),
            "outputs would be the prover's choice",
            move || {
                let mut w = honest(&idle());
                w.public[index] = F::from_u64(5);
                w.row_mut(Kind::Public, index)[PublicCols::numbers().value] = F::from_u64(5);
                w.settle();
                w
            },
        )
    });
    let addresses = [shifted(), unread_output(), unread_outputs()];
    let rest = [
        final_ap(0),
        final_ap(1),
        unpinned(),
        other_base(),
        other_stop(),
    ];
    let pointers = [argument(), returned(OUTPUT + 2), returned(0)];
    claims
        .into_iter()
        .chain(cells)
        .chain(addresses)
        .chain(rest)
        .chain(pointers)
        .collect()
}

/// A run of `main` with a memory cell of the stack chosen beforehand.
fn run(main: &[Word], prepare: impl Fn(&mut Machine)) -> Witness {
    let mut machine = machine(main);
    prepare(&mut machine);
    let start = machine.start();
    let steps = machine.run(start);
    Witness::of(&machine.finish(steps))
}

fn patch(w: &mut Witness, row: usize, change: impl Fn(&mut PublicCols<F>)) {
    let cells = w.row_mut(Kind::Public, row);
    let mut columns = PublicCols::read(cells);
    change(&mut columns);
    columns.write(cells);
}

/// The whole table looks six cells further: at outputs instead of header and digest.
fn shifted() -> Case {
    constraint(
        "public/first: the segment starts at address 1",
        "the table starts at address 7; a made-up header stands in the output cells",
        "program digest and final ap would be the prover's choice",
        || {
            let by = OUTPUT - 1;
            let mut w = honest(&idle());
            let final_ap = address(w.public[0]);
            w.set_memory(1 + by, final_ap.into());
            for lane in 0..4 {
                w.set_memory(3 + by + lane, 1000 + u64::from(lane));
            }
            let (argument, pointer) = (w.geometry.exec_base + by, final_ap - 1 + by);
            w.set_memory(argument, OUTPUT.into());
            w.set_memory(pointer, OUTPUT.into());
            for row in 0..w.rows(Kind::Public) {
                let value = *w.memory(1 + by + row as u32);
                w.public[row] = value;
                patch(&mut w, row, |row| {
                    row.address += F::from_u32(by);
                    row.value = value;
                });
            }
            w.settle();
            w
        },
    )
}

fn unread_output() -> Case {
    constraint(
        "public/step: one cell a row",
        "the last row reads the cell before it again; the last output cell holds 777",
        "an output could be hidden",
        || {
            let mut w = honest(&idle());
            let last = w.rows(Kind::Public) - 1;
            patch(&mut w, last, |row| row.address -= F::ONE);
            w.set_memory(1 + last as u32, 777);
            w.settle();
            w
        },
    )
}

fn unread_outputs() -> Case {
    constraint(
        "public/step: one cell a row",
        "the second half of the rows reads the first outputs again",
        "outputs could be hidden",
        || {
            let mut w = honest(&idle());
            for row in 36..w.rows(Kind::Public) {
                patch(&mut w, row, |row| row.address -= F::from_u32(28));
            }
            w.set_memory(60, 777);
            w.settle();
            w
        },
    )
}

/// From row `from` on, the stack's end is five cells higher than claimed, where a pointer stands.
fn final_ap(from: usize) -> Case {
    let (label, mutation) = match from {
        0 => (
            "public/first_ap: the first public value is final_ap",
            "all rows know another final ap than the first public value",
        ),
        _ => (
            "public/final_ap: every row knows final_ap",
            "all rows but the first know another final ap",
        ),
    };
    let why = "returned pointers would be read where main did not leave them";
    constraint(label, mutation, why, move || {
        let mut w = honest(&idle());
        let other = address(w.public[0]) + 5;
        w.set_memory(other - 1, OUTPUT.into());
        for row in from..w.rows(Kind::Public) {
            patch(&mut w, row, |row| row.final_ap = F::from_u32(other));
        }
        w.settle();
        w
    })
}

/// A run whose argument is a pointer of the prover's choice, which main returns.
fn elsewhere() -> Witness {
    run(&idle(), |machine| {
        machine.set(machine.layout.exec_base, F::from_u32(ELSEWHERE))
    })
}

fn unpinned() -> Case {
    constraint(
        "public/is_builtin: which rows are builtins' is fixed",
        "no row is the builtin's: neither its argument nor its stop pointer is read",
        "the program would write its outputs where nobody reads them",
        || {
            let mut w = elsewhere();
            patch(&mut w, 1, |row| row.is_builtin = F::ZERO);
            w.settle();
            w
        },
    )
}

fn other_base() -> Case {
    constraint(
        "public/base: a builtin's base is fixed",
        "the builtin's segment is said to start elsewhere",
        "the program would write its outputs where nobody reads them",
        || {
            let mut w = elsewhere();
            patch(&mut w, 1, |row| {
                row.base = F::from_u32(ELSEWHERE);
                row.stop = row.base;
            });
            w.settle();
            w
        },
    )
}

fn other_stop() -> Case {
    constraint(
        "public/stop: a builtin's segment ends behind the instances used",
        "main returns a pointer behind two outputs, the statement claims none",
        "instances used would not be bound: output could be dropped",
        || {
            let sum = code(
                [0, -3, 1],
                &[
                    Flag::Op0Fp,
                    Flag::Op1Imm,
                    Flag::ResAdd,
                    Flag::ApAdd1,
                    Flag::AssertEq,
                ],
            );
            let mut w = run(&[sum, Data(2), ret()], |_| {});
            patch(&mut w, 1, |row| row.stop += F::TWO);
            w.settle();
            w
        },
    )
}

fn argument() -> Case {
    message(
        Kind::Public,
        1,
        "main gets another pointer than the segment's base, and returns the right one",
        "the program would write its outputs where nobody reads them",
        || {
            let mut w = run(&[push(), Data(OUTPUT.into()), ret()], |machine| {
                machine.set(machine.layout.exec_base, F::from_u32(ELSEWHERE));
            });
            w.settle();
            w
        },
    )
}

fn returned(pointer: u32) -> Case {
    message(
        Kind::Public,
        2,
        format!("main returns {pointer}, the statement claims no outputs"),
        "instances used would not be bound to what main returns",
        move || {
            let mut w = run(&[push(), Data(pointer.into()), ret()], |_| {});
            w.settle();
            w
        },
    )
}
