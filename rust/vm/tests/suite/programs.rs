//! The good programs: what they output, and how their runs are laid out.

use std::collections::BTreeMap;

use zkperp_field::poseidon2::{compress, permute};
use zkperp_field::{F, P, PrimeCharacteristicRing, PrimeField64};
use zkperp_vm::builtins::Builtin;
use zkperp_vm::digest::program_digest;
use zkperp_vm::layout::{Capacities, FIRST_ADDRESS, LayoutError, MIN_LOG_ROWS};
use zkperp_vm::relocate::Step;
use zkperp_vm::{Input, Run, RunOptions, VmError, run};

use crate::support::{program, run_program};

fn felts(values: &[u64]) -> Vec<F> {
    values.iter().map(|value| F::from_u64(*value)).collect()
}

fn named<const N: usize>(values: [(&str, u64); N]) -> Input {
    Input::named(values.map(|(name, value)| (name, F::from_u64(value))))
}

/// Checks that hold of every run, from its public form alone.
fn check_run(run: &Run) {
    let Run {
        layout,
        memory,
        steps,
        ..
    } = run;
    let at = |address: u32| memory[(address - FIRST_ADDRESS) as usize];
    let n = layout.builtins.len() as u32;

    // Segments follow each other without gaps.
    let mut next = FIRST_ADDRESS + (1 << layout.log_public);
    for segment in &layout.builtins[1..] {
        assert_eq!(segment.base, next);
        next += segment.table_cells();
    }
    assert_eq!(
        (layout.program_base, layout.exec_base),
        (next, next + layout.program_len)
    );
    assert_eq!(
        layout.builtins[0].base,
        FIRST_ADDRESS + layout.header_cells()
    );

    // The public column is the public segment: final ap, counts, digest, outputs, zeros.
    let words: Vec<F> = (layout.program_base..layout.exec_base).map(at).collect();
    let counts = std::iter::once(run.final_ap).chain(run.used.iter().copied());
    let mut public: Vec<F> = counts.map(F::from_u32).collect();
    assert_eq!(public.len(), layout.digest_index());
    public.extend(program_digest(&words));
    public.extend(run.output());
    public.resize(1 << layout.log_public, F::ZERO);
    assert_eq!(run.public, public);
    assert_eq!(memory[..public.len()], public);

    // Entry, exit, and the pointers that main was given and gave back.
    let entry = Step {
        pc: layout.program_base,
        ap: layout.exec_base,
        fp: layout.exec_base,
    };
    assert_eq!(steps[0], entry);
    let last = steps.last().unwrap();
    assert_eq!((last.pc, last.ap), (layout.end_pc(), run.final_ap));
    for (i, (segment, used)) in layout.builtins.iter().zip(&run.used).enumerate() {
        assert_eq!(at(layout.exec_base + i as u32), F::from_u32(segment.base));
        let stop = segment.base + segment.cells * used;
        assert_eq!(at(run.final_ap - n + i as u32), F::from_u32(stop));
    }

    check_instances(run);
    check_addresses(run);
}

/// Every instance of every builtin, padding included, holds what its table demands.
fn check_instances(run: &Run) {
    for segment in &run.layout.builtins {
        let start = (segment.base - FIRST_ADDRESS) as usize;
        let cells = || run.memory[start..start + segment.table_cells() as usize].iter();
        let integers: Vec<u64> = match segment.builtin {
            Builtin::Output => continue,
            _ => cells().map(|cell| cell.as_canonical_u64()).collect(),
        };
        for instance in integers.chunks(segment.cells as usize) {
            match segment.builtin {
                // An access is judged by the whole history: the `state` tests replay it.
                // The `schnorr` tests judge signatures.
                Builtin::Output | Builtin::State | Builtin::Schnorr => {}
                Builtin::RangeCheck => assert!(instance[0] < 1 << 62),
                Builtin::Poseidon2 => {
                    let mut state = std::array::from_fn(|i| F::from_u64(instance[i]));
                    permute(&mut state);
                    assert_eq!(instance[8..], state.map(|lane| lane.as_canonical_u64()));
                }
                Builtin::Muldiv => {
                    let [a, b, e, c, q, r] = std::array::from_fn(|i| u128::from(instance[i]));
                    assert_eq!(a * b + e, q * c + r);
                    assert!(r < c && instance.iter().all(|cell| *cell < 1 << 62));
                }
            }
        }
    }
}

/// Every address that the cpu table reads exists, and every step is at an instruction.
fn check_addresses(run: &Run) {
    use zkperp_vm::instruction::Flag;
    let cells = run.memory.len() as u32;
    for step in &run.steps {
        let word = (step.pc - run.layout.program_base) as usize;
        let instruction = run.code[word].expect("an instruction");
        for (flag, offset) in [(Flag::DstFp, 0), (Flag::Op0Fp, 1)] {
            let base = if instruction.has(flag) {
                step.fp
            } else {
                step.ap
            };
            let address = base
                .checked_add_signed(instruction.offsets[offset])
                .unwrap();
            assert!((FIRST_ADDRESS..=cells).contains(&address), "{step:?}");
        }
    }
}

#[test]
fn fibonacci_counts_in_the_field() {
    for n in [0, 1, 2, 10, 93, 200] {
        let run = run_program("fibonacci", &named([("n", n)]));
        check_run(&run);
        let (mut a, mut b) = (0, 1);
        for _ in 0..n {
            (a, b) = (b, ((u128::from(a) + u128::from(b)) % u128::from(P)) as u64);
        }
        assert_eq!(run.output(), felts(&[n, a]));
    }
}

#[test]
fn hashes_are_compressions() {
    let run = run_program("hashes", &named([("n", 70)]));
    check_run(&run);
    let mut x = [1, 2, 3, 4].map(F::from_u8);
    for _ in 0..70 {
        x = compress(&std::array::from_fn(|i| if i < 4 { x[i] } else { F::ZERO }));
    }
    assert_eq!(run.output()[1..], x);
    assert_eq!(run.used, [5, 70]);
    assert_eq!(run.layout.builtins[1].log_rows, 7);
}

#[test]
fn comparison_needs_the_right_order() {
    let top = (1 << 61) - 1;
    for (x, y) in [(3, 5), (5, 3), (4, 4), (0, top), (top, 0), (top, top)] {
        let order = |bit| named([("x", x), ("y", y), ("x_is_larger", bit)]);
        let run_it = |bit| run(&program("rangecheck"), &order(bit), &RunOptions::default());
        let honest = run_it(u64::from(x > y)).unwrap();
        check_run(&honest);
        assert_eq!(honest.output(), felts(&[x.max(y), x.min(y)]));
        assert_eq!(run_it(u64::from(x <= y)).is_ok(), x == y);
        assert!(run_it(2).is_err());
    }
    for x in [1 << 61, 1 << 62, P - 1] {
        let input = named([("x", x), ("y", 0), ("x_is_larger", 1)]);
        assert!(run(&program("rangecheck"), &input, &RunOptions::default()).is_err());
    }
}

#[test]
fn muldiv_divides_over_the_integers() {
    let top = (1 << 62) - 1;
    for (a, b, c) in [
        (7, 9, 10),
        (0, 0, 1),
        (top, top, top),
        (1 << 40, 1 << 40, 1 << 30),
    ] {
        let run = run_program("muldiv", &named([("a", a), ("b", b), ("c", c)]));
        check_run(&run);
        let product = u128::from(a) * u128::from(b);
        let (q, r) = (product / u128::from(c), product % u128::from(c));
        assert_eq!(run.output(), felts(&[a, b, c, q as u64, r as u64]));
    }
}

#[test]
fn calls_recurse_and_go_through_pointers() {
    for n in [0, 1, 10] {
        let run = run_program("calls", &named([("n", n)]));
        check_run(&run);
        let doubles = (1..=n).map(|k| 2 * k).sum();
        let squares = (1..=n).map(|k| k * k).sum();
        assert_eq!(run.output(), felts(&[n, doubles, squares]));
    }
}

#[test]
fn advice_is_read_and_written_behind() {
    let records = [[0, 5, 6], [1, 9, 3], [2, 4, 5], [1, 3, 9]];
    let mut input = named([("count", records.len() as u64)]);
    input.advice = records
        .iter()
        .flatten()
        .map(|cell| F::from_u64(*cell))
        .collect();
    let run = run_program("memory", &input);
    check_run(&run);
    let total = F::from_u64(11 + 2 * 6 + 3 * 20) - F::from_u64(4 * 6);
    assert_eq!(run.output(), [F::from_u64(4), total]);
    // The advice lies at the end of memory, the results behind it.
    let results = [11, 6, 20, P - 6].map(F::from_u64);
    let tail = [input.advice.as_slice(), &results].concat();
    assert_eq!(run.memory[run.memory.len() - tail.len()..], tail);

    input.advice[0] = F::from_u8(3);
    assert!(run_it("memory", &input).is_err());
    input.advice.clear();
    assert!(run_it("memory", &input).is_err());
}

fn run_it(name: &str, input: &Input) -> Result<Run, VmError> {
    run(&program(name), input, &RunOptions::default())
}

#[test]
fn a_layout_of_given_capacities_is_the_same_for_every_run() {
    let capacities = Capacities {
        log_public: Some(8),
        log_rows: BTreeMap::from([(Builtin::Poseidon2, 9)]),
    };
    let options = RunOptions {
        capacities,
        ..RunOptions::default()
    };
    let program = program("hashes");
    let layouts = [0, 1, 512].map(|n| {
        let run = run(&program, &named([("n", n)]), &options).unwrap();
        check_run(&run);
        run.layout
    });
    assert_eq!(layouts[0], layouts[1]);
    assert_eq!(layouts[0], layouts[2]);
    assert_eq!(
        (layouts[0].log_public, layouts[0].builtins[1].log_rows),
        (8, 9)
    );
    assert_eq!(layouts[0].program_base, 1 + (1 << 8) + 16 * (1 << 9));

    let error = run(&program, &named([("n", 513)]), &options).unwrap_err();
    let full = LayoutError::Capacity {
        builtin: Builtin::Poseidon2,
        used: 513,
        capacity: 512,
    };
    assert_eq!(error, VmError::Layout(full));
}

#[test]
fn capacities_are_checked() {
    let layout_error = |capacities: Capacities| {
        let options = RunOptions {
            capacities,
            ..RunOptions::default()
        };
        match run(&program("hashes"), &named([("n", 1)]), &options).unwrap_err() {
            VmError::Layout(error) => error,
            other => panic!("{other}"),
        }
    };
    let rows = |builtin, log| Capacities {
        log_public: None,
        log_rows: BTreeMap::from([(builtin, log)]),
    };
    assert_eq!(
        layout_error(rows(Builtin::Poseidon2, 5)),
        LayoutError::LogRows(5)
    );
    assert_eq!(
        layout_error(rows(Builtin::Poseidon2, 27)),
        LayoutError::LogRows(27)
    );
    assert_eq!(
        layout_error(rows(Builtin::Poseidon2, 26)),
        LayoutError::AddressSpace
    );
    for absent in [Builtin::RangeCheck, Builtin::Output] {
        assert_eq!(layout_error(rows(absent, 6)), LayoutError::NoTable(absent));
    }
    let small = Capacities {
        log_public: Some(MIN_LOG_ROWS - 1),
        ..Capacities::default()
    };
    assert_eq!(layout_error(small), LayoutError::LogRows(MIN_LOG_ROWS - 1));
}

#[test]
fn the_step_limit_counts_steps() {
    let program = program("fibonacci");
    let steps = run_program("fibonacci", &named([("n", 5)])).steps.len() - 1;
    let limited = |max_steps| {
        let options = RunOptions {
            max_steps,
            ..RunOptions::default()
        };
        run(&program, &named([("n", 5)]), &options).map(|_| ())
    };
    assert_eq!(limited(steps), Ok(()));
    assert_eq!(limited(steps - 1), Err(VmError::StepLimit(steps - 1)));
}
