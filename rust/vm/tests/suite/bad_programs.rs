//! Every program of `circuits/programs/bad` is refused, for the reason that its first line says.

use std::collections::BTreeSet;

use zkperp_field::{F, P, PrimeCharacteristicRing};
use zkperp_vm::builtins::muldiv::MuldivError;
use zkperp_vm::builtins::{Builtin, BuiltinError};
use zkperp_vm::memory::MemoryError;
use zkperp_vm::runner::RunError;
use zkperp_vm::secure::SecurityError;
use zkperp_vm::step::{Fault, Operand};
use zkperp_vm::value::{Segment, Value, ValueError};
use zkperp_vm::{Input, RunOptions, VmError, run};

use crate::support::{program, root};

fn outcome(name: &str) -> VmError {
    let options = RunOptions {
        max_steps: 1000,
        ..RunOptions::default()
    };
    let input = Input::named([("n", F::from_u8(3))]);
    match run(&program(&format!("bad/{name}")), &input, &options) {
        Ok(_) => panic!("{name} ran"),
        Err(error) => error,
    }
}

fn felt(value: u64) -> Value {
    Value::felt(F::from_u64(value))
}

/// The fault of a step, at this pc.
fn fault_at(pc: u32, fault: Fault) -> impl Fn(&VmError) -> bool {
    move |error| matches!(error, VmError::Run(e) if e.pc == pc && e.fault == fault)
}

fn after_the_run(expected: SecurityError) -> impl Fn(&VmError) -> bool {
    move |error| *error == VmError::Security(expected.clone())
}

type Expectation = (&'static str, Box<dyn Fn(&VmError) -> bool>);

fn case(name: &'static str, matches: impl Fn(&VmError) -> bool + 'static) -> Expectation {
    (name, Box::new(matches))
}

fn machine_faults() -> Vec<Expectation> {
    let stack = |offset| Value::pointer(Segment::EXECUTION, offset);
    let output = Value::pointer(Segment::builtin(0), 0);
    let range_check = Value::pointer(Segment::builtin(1), 0);
    let conflict = |offset, old, new| {
        Fault::Memory(MemoryError::Conflict {
            segment: Segment::EXECUTION,
            offset,
            old,
            new,
        })
    };
    let back = |program_offset| Value::pointer(Segment::PROGRAM, program_offset);
    vec![
        case(
            "assert_false",
            fault_at(
                8,
                Fault::AssertEq {
                    dst: felt(2),
                    res: felt(3),
                },
            ),
        ),
        case(
            "ap_before_stack",
            fault_at(6, ValueError::PointerRange(stack(3), felt(P - 100)).into()),
        ),
        case(
            "ap_by_pointer",
            fault_at(7, ValueError::PointerSum(stack(4), output).into()),
        ),
        case("below_the_stack", fault_at(6, Fault::Address(Operand::Op1))),
        case(
            "call_over_data",
            fault_at(9, conflict(3, felt(5), stack(3))),
        ),
        case(
            "division_by_zero",
            fault_at(10, ValueError::DivisionByZero(felt(5)).into()),
        ),
        case("endless", |error| *error == VmError::StepLimit(1000)),
        case("felt_as_pointer", fault_at(8, Fault::NotAPointer(felt(5)))),
        case("hint_over_data", fault_at(6, conflict(2, back(4), felt(3)))),
        case("jump_into_data", fault_at(6, Fault::NotAnInstruction(0))),
        case("jump_outside", fault_at(1006, Fault::PcOutsideProgram)),
        case("jump_to_felt", fault_at(6, Fault::JumpTarget(felt(5)))),
        case(
            "pointer_before_segment",
            fault_at(6, ValueError::PointerRange(output, felt(P - 1)).into()),
        ),
        case(
            "pointer_difference",
            fault_at(6, ValueError::PointerDifference(output, range_check).into()),
        ),
        case(
            "pointer_product",
            fault_at(6, ValueError::PointerProduct(output, felt(2)).into()),
        ),
        case(
            "pointer_sum",
            fault_at(6, ValueError::PointerSum(output, output).into()),
        ),
        case(
            "program_changed",
            |error| matches!(error, VmError::Run(e) if matches!(e.fault, Fault::AssertEq { dst, .. } if dst == felt(1))),
        ),
        case(
            "program_write",
            fault_at(11, MemoryError::ProgramWrite(1009).into()),
        ),
        case(
            "return_overwritten",
            fault_at(
                6,
                Fault::AssertEq {
                    dst: back(11),
                    res: felt(0),
                },
            ),
        ),
        case(
            "unknown_condition",
            fault_at(6, Fault::Unknown(Operand::Dst)),
        ),
        case("unknown_operand", fault_at(6, Fault::Unknown(Operand::Op0))),
    ]
}

fn builtin_faults() -> Vec<Expectation> {
    use Builtin::{Muldiv, Output, Poseidon2, RangeCheck};
    let output = Value::pointer(Segment::builtin(0), 0);
    let pointer = |builtin| BuiltinError::Pointer {
        builtin,
        value: output,
    };
    let by_zero = BuiltinError::Muldiv(MuldivError::DivisionByZero { a: 1, b: 2, e: 3 });
    let operand = MuldivError::Operand {
        name: 'b',
        value: 1 << 62,
    };
    let quotient = MuldivError::Quotient {
        a: 1 << 61,
        b: 2,
        e: 0,
        c: 1,
    };
    vec![
        case("muldiv_by_zero", fault_at(18, by_zero.clone().into())),
        case(
            "muldiv_large_operand",
            fault_at(18, BuiltinError::Muldiv(operand).into()),
        ),
        case(
            "muldiv_large_quotient",
            fault_at(18, BuiltinError::Muldiv(quotient).into()),
        ),
        case(
            "muldiv_unread",
            after_the_run(SecurityError::Instance {
                builtin: Muldiv,
                instance: 0,
                fault: by_zero.into(),
            }),
        ),
        case(
            "muldiv_wrong_remainder",
            fault_at(
                20,
                Fault::AssertEq {
                    dst: felt(14),
                    res: felt(4),
                },
            ),
        ),
        case(
            "output_hole",
            after_the_run(SecurityError::Hole {
                builtin: Output,
                offset: 1,
            }),
        ),
        case(
            "output_not_returned",
            after_the_run(SecurityError::BeyondStop {
                builtin: Output,
                offset: 1,
                stop: 1,
            }),
        ),
        case(
            "output_of_other_builtin",
            after_the_run(SecurityError::StopPointer {
                builtin: Output,
                value: Value::pointer(Segment::builtin(1), 0),
            }),
        ),
        case("output_pointer", fault_at(6, pointer(Output).into())),
        case(
            "poseidon2_hole",
            after_the_run(SecurityError::Hole {
                builtin: Poseidon2,
                offset: 5,
            }),
        ),
        case(
            "poseidon2_output_first",
            fault_at(8, BuiltinError::OutputFirst(Poseidon2).into()),
        ),
        case(
            "poseidon2_split",
            after_the_run(SecurityError::SplitInstance {
                builtin: Poseidon2,
                offset: 8,
            }),
        ),
        case(
            "poseidon2_wrong_output",
            |error| matches!(error, VmError::Run(e) if matches!(e.fault, Fault::AssertEq { dst, .. } if dst == felt(1))),
        ),
        case(
            "range_check_hole",
            after_the_run(SecurityError::Hole {
                builtin: RangeCheck,
                offset: 0,
            }),
        ),
        case(
            "range_check_negative",
            fault_at(8, BuiltinError::RangeCheck(P - 1).into()),
        ),
        case(
            "range_check_pointer",
            fault_at(6, pointer(RangeCheck).into()),
        ),
        case(
            "range_check_too_large",
            fault_at(8, BuiltinError::RangeCheck(1 << 62).into()),
        ),
    ]
}

#[test]
fn every_bad_program_is_refused_for_its_reason() {
    for (name, expected) in machine_faults().into_iter().chain(builtin_faults()) {
        let error = outcome(name);
        assert!(expected(&error), "{name}: {error}");
    }
}

#[test]
fn every_bad_program_has_its_case() {
    let folder = root().join("circuits/programs/bad");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("readable").path())
        .map(|path| {
            path.file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let cases = machine_faults().into_iter().chain(builtin_faults());
    assert_eq!(files, cases.map(|(name, _)| name.to_owned()).collect());
}

#[test]
fn an_error_tells_the_place_and_the_calls_that_led_there() {
    let VmError::Run(error) = outcome("return_overwritten") else {
        panic!("not a step's fault")
    };
    let RunError {
        location,
        traceback,
        steps,
        ..
    } = &*error;
    assert_eq!(location, "__main__.overwrite+0");
    assert_eq!(traceback, &["__main__.main+2", "__main__.__end__+0"]);
    assert_eq!(*steps, 3);
    assert_eq!(
        error.to_string(),
        "at pc 6 (__main__.overwrite+0), step 3: assertion failed: program:11 != 0\n  \
         called from __main__.main+2\n  called from __main__.__end__+0"
    );
}

#[test]
fn a_missing_input_is_named() {
    let error = run(
        &program("fibonacci"),
        &Input::default(),
        &RunOptions::default(),
    )
    .unwrap_err();
    let VmError::Run(error) = error else {
        panic!("not a step's fault")
    };
    assert_eq!(error.fault, Fault::MissingInput("n".to_owned()));
}
