//! Bad witnesses against `cpu`.

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::cpu::columns::CpuCols;
use zkperp_stark::F;
use zkperp_vm::instruction::Flag;
use zkperp_vm::relocate::Step;

use crate::support::assembly::{MAIN, Word, code, jump, jump_if, push, push_fp, push_sum, ret};
use crate::support::base::{FIBONACCI, honest, idle, machine};
use crate::support::case::{Case, constraint, message};
use crate::support::machine::Machine;
use crate::support::witness::Witness;
use Word::Data;

/// First address of the `output` segment in a program without other builtins.
const OUTPUT: u64 = 7;

/// Every case of this table.
pub(crate) fn cases() -> Vec<Case> {
    [
        boundary(),
        transitions(),
        operands(),
        messages(),
        mutations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Cells of main's frame: `[fp + i]`, with the saved fp at -2 and the return pc at -1.
fn frame(machine: &Machine, i: i32) -> u32 {
    (machine.layout.exec_base + 3).wrapping_add_signed(i)
}

/// A run from the honest start, with the machine prepared by `prepare`.
fn run(main: &[Word], prepare: impl Fn(&mut Machine)) -> Witness {
    run_choosing(main, prepare, |_, _, next| next)
}

/// The same, with successors chosen by `choose(offset of the instruction, step, next)`.
fn run_choosing(
    main: &[Word],
    prepare: impl Fn(&mut Machine),
    choose: impl Fn(u64, Step, Step) -> Step,
) -> Witness {
    let mut machine = machine(main);
    prepare(&mut machine);
    let (start, base) = (machine.start(), machine.layout.program_base);
    let steps = machine.run_with(start, |step, next| {
        choose(u64::from(step.pc - base), step, next)
    });
    Witness::of(&machine.finish(steps))
}

/// The rows that execute the instruction at an offset of the program.
fn rows_at(w: &Witness, offset: u64) -> Vec<usize> {
    let pc = F::from_u64(u64::from(w.geometry.program_base) + offset);
    w.find(Kind::Cpu, |row| row[CpuCols::numbers().pc] == pc)
}

/// The settled witness with the first row at `offset` changed.
fn patched(mut w: Witness, offset: u64, patch: impl Fn(&mut CpuCols<F>)) -> Witness {
    let row = rows_at(&w, offset)[0];
    patch_row(&mut w, row, patch);
    w.settle();
    w
}

fn patch_row(w: &mut Witness, row: usize, patch: impl Fn(&mut CpuCols<F>)) {
    let cells = w.row_mut(Kind::Cpu, row);
    let mut columns = CpuCols::read(cells);
    patch(&mut columns);
    columns.write(cells);
}

fn boundary() -> Vec<Case> {
    vec![
        constraint(
            "cpu/first_pc: execution starts at the program's first word",
            "the run is the one step at __end__; the word below the stack looks like a stop pointer",
            "nothing of the program would be executed",
            || {
                let mut machine = machine(&[idle(), vec![Data(OUTPUT)]].concat());
                let pc = machine.layout.end_pc();
                let start = Step {
                    pc,
                    ..machine.start()
                };
                let steps = machine.run(start);
                Witness::of(&machine.finish(steps))
            },
        ),
        constraint(
            "cpu/first_ap: the stack starts behind the program",
            "the stack starts one cell higher, behind a copy of the arguments",
            "main would read arguments from cells that nothing pins",
            || {
                let mut machine = machine(&idle());
                let ap = machine.layout.exec_base + 1;
                machine.set(ap, F::from_u64(OUTPUT));
                let start = Step {
                    ap,
                    ..machine.start()
                };
                let steps = machine.run(start);
                Witness::of(&machine.finish(steps))
            },
        ),
        constraint(
            "cpu/first_fp: fp = ap at the start",
            "fp starts nine cells above ap",
            "code before the first call would read a frame of the prover's choice",
            || {
                let mut machine = machine(&idle());
                let fp = machine.layout.exec_base + 9;
                let start = Step {
                    fp,
                    ..machine.start()
                };
                let steps = machine.run(start);
                Witness::of(&machine.finish(steps))
            },
        ),
        constraint(
            "cpu/last_pc: execution ends at __end__",
            "main never returns: the last row is an endless loop in it",
            "a program could be left in the middle, before its last checks",
            || run(&[push_fp(-3), jump(), Data(0)], |_| {}),
        ),
    ]
}

/// A conditional jump over a push, on the value `condition`, at offset `MAIN + 2`.
fn conditional(condition: u64) -> Vec<Word> {
    let jump = [push(), Data(condition), jump_if(-1), Data(4)];
    [&jump[..], &[push(), Data(1)], &idle()].concat()
}

fn transitions() -> Vec<Case> {
    let jnz = MAIN + 2;
    vec![
        constraint(
            "cpu/jnz_taken: a jnz with dst != 0 goes to pc + op1",
            "a conditional jump on 1 falls through",
            "`assert_not_zero` would hold for zero's counterpart: checks behind jumps are skipped",
            move || {
                let w = run_choosing(
                    &conditional(1),
                    |_| {},
                    |offset, step, next| {
                        let pc = step.pc + 2;
                        if offset == jnz {
                            Step { pc, ..next }
                        } else {
                            next
                        }
                    },
                );
                patched(w, jnz, |row| row.res = F::ZERO)
            },
        ),
        constraint(
            "cpu/next_pc: absolute or relative jump, or the next instruction but for a taken jnz",
            "a conditional jump on 0 is taken",
            "the branch for zero would never have to be executed",
            move || {
                run_choosing(
                    &conditional(0),
                    |_| {},
                    |offset, step, next| {
                        let pc = step.pc + 4;
                        if offset == jnz {
                            Step { pc, ..next }
                        } else {
                            next
                        }
                    },
                )
            },
        ),
        constraint(
            "cpu/next_pc: absolute or relative jump, or the next instruction but for a taken jnz",
            "an instruction is skipped",
            "checks could be left out",
            || {
                let main = [&idle()[..1], &[push(), Data(1)], &idle()].concat();
                run_choosing(
                    &main,
                    |_| {},
                    |offset, step, next| {
                        let pc = step.pc + 3;
                        if offset == MAIN {
                            Step { pc, ..next }
                        } else {
                            next
                        }
                    },
                )
            },
        ),
        constraint(
            "cpu/next_ap: ap + res, + 1, + 2 on a call, or unchanged",
            "ap does not grow at an `ap++`",
            "two writes would go to one cell, and reads relative to ap elsewhere",
            || {
                let main = [&idle()[..1], &idle()].concat();
                run_choosing(
                    &main,
                    |_| {},
                    |offset, step, next| {
                        let ap = step.ap;
                        if offset == MAIN {
                            Step { ap, ..next }
                        } else {
                            next
                        }
                    },
                )
            },
        ),
        constraint(
            "cpu/next_fp: ap + 2 on a call, dst on a return, or unchanged",
            "a return keeps the callee's fp",
            "the caller would go on with another frame's variables",
            || {
                run_choosing(
                    &idle(),
                    |_| {},
                    |offset, step, next| {
                        let fp = step.fp;
                        if offset == MAIN + 1 {
                            Step { fp, ..next }
                        } else {
                            next
                        }
                    },
                )
            },
        ),
    ]
}

/// `5; 5 + 1; pointer; ret`, with the sum at `[fp + 1]`.
fn sum() -> Vec<Word> {
    let sum = [push(), Data(5), push_sum(-1), Data(1)];
    [&sum, &idle()[..]].concat()
}

/// `5 * 7` at `[fp + 1]`.
fn product() -> Vec<Word> {
    let multiply = code(
        [0, -1, 1],
        &[Flag::Op1Imm, Flag::ResMul, Flag::ApAdd1, Flag::AssertEq],
    );
    let product = [push(), Data(5), multiply, Data(7)];
    [&product, &idle()[..]].concat()
}

fn operands() -> Vec<Case> {
    let wrong = |machine: &mut Machine| {
        let address = frame(machine, 1);
        machine.set(address, F::from_u64(999));
    };
    let label = "cpu/res: sum, product or op1; unconstrained here on a jnz";
    let arithmetic = "arithmetic would be the prover's choice";
    vec![
        constraint(label, "5 + 1 = 999", arithmetic, move || {
            patched(run(&sum(), wrong), MAIN + 2, |row| row.res = row.dst)
        }),
        constraint(label, "5 * 7 = 999", arithmetic, move || {
            patched(run(&product(), wrong), MAIN + 2, |row| row.res = row.dst)
        }),
        constraint(
            "cpu/assert_eq: dst = res",
            "[fp + 1] = 999 is asserted to be 5 + 1",
            "no assertion would mean anything",
            move || run(&sum(), wrong),
        ),
        constraint(
            "cpu/call_fp: a call pushes fp",
            "the saved fp is another one",
            "the caller would go on with a frame of the prover's choice",
            || {
                run(&idle(), |machine| {
                    let (saved, other) = (frame(machine, -2), frame(machine, 8));
                    machine.set(saved, F::from_u32(other));
                })
            },
        ),
        constraint(
            "cpu/call_pc: a call pushes the address behind it",
            "the return pc is overwritten: main returns to a later jump to __end__",
            "a function could return into any instruction",
            || {
                let back = [jump(), Data(zkperp_field::P - 4)];
                run(&[&idle()[..], &back].concat(), |machine| {
                    let target = machine.layout.program_base + MAIN as u32 + 2;
                    machine.set(frame(machine, -1), F::from_u32(target));
                })
            },
        ),
    ]
}

/// `1; pointer; ret`, with the one at `[fp]`.
fn one() -> Vec<Word> {
    [&[push(), Data(1)], &idle()[..]].concat()
}

fn messages() -> Vec<Case> {
    let wrong = |machine: &mut Machine| {
        let address = frame(machine, 0);
        machine.set(address, F::from_u64(999));
    };
    vec![
        message(
            Kind::Cpu,
            0,
            "`[ap] = 1` is executed as an instruction that asserts nothing",
            "other instructions than the program's would be executed",
            move || {
                patched(run(&one(), wrong), MAIN, |row| {
                    row.selectors.opcode = F::ZERO
                })
            },
        ),
        message(
            Kind::Cpu,
            0,
            "a computed jump leaves the program: the return is executed from the stack",
            "code that is not in the digest would be executed",
            beyond_the_program,
        ),
        message(
            Kind::Cpu,
            1,
            "dst is not what memory holds: `[ap] = 1` on a cell with 999",
            "a cell would not have the value that was written to it",
            move || patched(run(&one(), wrong), MAIN, |row| row.dst = F::ONE),
        ),
        message(
            Kind::Cpu,
            2,
            "op0 is not what memory holds: 5 + 1 = 8",
            "operands would be the prover's choice",
            || {
                let w = run(&sum(), |machine| {
                    machine.set(frame(machine, 1), F::from_u64(8))
                });
                patched(w, MAIN + 2, |row| {
                    (row.op0, row.res) = (F::from_u64(7), F::from_u64(8));
                })
            },
        ),
        message(
            Kind::Cpu,
            3,
            "a changed immediate: op1 of `[ap] = 1` is 999",
            "constants of the program would be the prover's choice",
            move || {
                patched(run(&one(), wrong), MAIN, |row| {
                    (row.op1, row.res) = (F::from_u64(999), F::from_u64(999));
                })
            },
        ),
        message(
            Kind::Cpu,
            1,
            "the public final ap is five cells above the last row's",
            "stop pointers would be read where main did not leave them",
            || {
                let mut w = honest(&idle());
                let final_ap = crate::support::witness::address(w.public[0]) + 5;
                w.set_memory(final_ap - 1, OUTPUT);
                w.set_public(0, F::from_u32(final_ap));
                w.settle();
                w
            },
        ),
    ]
}

/// The pointer is pushed, then `jmp abs [fp + 1]` goes to a `ret` far up in the stack.
fn beyond_the_program() -> Witness {
    let far = 300;
    let go = code(
        [-1, -1, 1],
        &[Flag::DstFp, Flag::Op0Fp, Flag::Op1Fp, Flag::JmpAbs],
    );
    let mut w = run(&[push_fp(-3), go], |machine| {
        let target = machine.layout.program_base + far;
        machine.set_code(target, ret());
        machine.set(frame(machine, 1), F::from_u32(target));
    });
    w.settle();
    w
}

/// One cell of a compiled program's run at a time.
fn mutations() -> Vec<Case> {
    let cell = |change: fn(&mut CpuCols<F>)| {
        move || {
            let mut w = Witness::of(&FIBONACCI);
            // A padding row: __end__ reads [fp - 1] twice and uses neither.
            let row = w.rows(Kind::Cpu) - 2;
            patch_row(&mut w, row, change);
            w.settle();
            w
        }
    };
    let what = "a cell that memory does not hold";
    vec![
        message(
            Kind::Cpu,
            1,
            "dst of a padding row",
            what,
            cell(|row| row.dst += F::ONE),
        ),
        message(
            Kind::Cpu,
            2,
            "op0 of a padding row",
            what,
            cell(|row| row.op0 += F::ONE),
        ),
    ]
}
