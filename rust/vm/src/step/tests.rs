use zkperp_field::{F, P, PrimeCharacteristicRing};

use super::Flag::{
    ApAdd, ApAdd1, AssertEq, Call, DstFp, JmpAbs, JmpRel, Jnz, Op0Fp, Op1Ap, Op1Fp, Op1Imm, ResAdd,
    ResMul, Ret,
};
use super::*;
use crate::builtins::muldiv::MuldivError;

const AP: u32 = 20;
const FP: u32 = 10;
const STACK: Segment = Segment::EXECUTION;

fn felt(value: u64) -> Value {
    Value::felt(F::from_u64(value))
}

fn stack(offset: u32) -> Value {
    Value::pointer(STACK, offset)
}

fn code(offset: u32) -> Value {
    Value::pointer(Segment::PROGRAM, offset)
}

/// What one instruction does from `ap = 20`, `fp = 10`, `pc = 0`, with an immediate behind it.
struct Outcome {
    result: Result<(), Fault>,
    pc: u32,
    ap: u32,
    fp: u32,
    memory: Memory,
}

impl Outcome {
    fn cell(&self, offset: u32) -> Value {
        self.memory.get(STACK, offset)
    }

    /// The step went through and left these registers.
    fn stands_at(&self, pc: u32, ap: u32, fp: u32) {
        assert_eq!(self.result, Ok(()));
        assert_eq!((self.pc, self.ap, self.fp), (pc, ap, fp));
    }
}

const BUILTINS: [Builtin; Builtin::ALL.len()] = Builtin::ALL;

/// One step: stack cells by offset, builtin cells by (builtin, offset).
fn step_with(
    flags: &[Flag],
    offsets: [i32; 3],
    immediate: u64,
    cells: &[(u32, Value)],
    builtin_cells: &[(usize, u32, u64)],
) -> Outcome {
    let bits = flags.iter().fold(0, |bits, flag| bits | flag.bit());
    let instruction = Instruction {
        offsets,
        flags: bits,
    };
    let form = instruction.form().expect("a valid instruction");
    let mut program = vec![Value::ZERO; 100];
    program[1] = felt(immediate);
    let mut memory = Memory::new(program, BUILTINS.len());
    for (offset, value) in cells {
        memory.set(STACK, *offset, *value).unwrap();
    }
    for (builtin, offset, value) in builtin_cells {
        memory
            .set(Segment::builtin(*builtin), *offset, felt(*value))
            .unwrap();
    }
    let input = Input::default();
    let registers = Registers {
        pc: 0,
        ap: AP,
        fp: FP,
    };
    let mut machine = Machine::new(registers, memory, &BUILTINS, &input);
    let result = machine.step(instruction, form);
    let Registers { pc, ap, fp } = machine.registers;
    Outcome {
        result,
        pc,
        ap,
        fp,
        memory: machine.memory,
    }
}

fn step(flags: &[Flag], offsets: [i32; 3], immediate: u64, cells: &[(u32, Value)]) -> Outcome {
    step_with(flags, offsets, immediate, cells, &[])
}

#[test]
fn assert_eq_assigns_an_unknown_left_side() {
    let (a, b) = ((18, felt(3)), (7, felt(P - 1)));
    let assign = |flags: &[Flag], offsets, cells: &[(u32, Value)]| {
        let flags = [flags, &[AssertEq, ApAdd1]].concat();
        let after = step(&flags, offsets, 5, cells);
        after.stands_at(1 + u32::from(flags.contains(&Op1Imm)), AP + 1, FP);
        after.cell(AP)
    };
    // [ap] = 5; [ap] = [ap - 2]; [ap] = [fp - 3]
    assert_eq!(assign(&[Op0Fp, Op1Imm], [0, -1, 1], &[]), felt(5));
    assert_eq!(assign(&[Op0Fp, Op1Ap], [0, -1, -2], &[a]), felt(3));
    assert_eq!(assign(&[Op0Fp, Op1Fp], [0, -1, -3], &[b]), felt(P - 1));
    // [ap] = [[ap - 2] + 4]
    assert_eq!(
        assign(&[], [0, -2, 4], &[(18, stack(2)), (6, felt(8))]),
        felt(8)
    );
    // [ap] = [ap - 2] + [fp - 3]; [ap] = [ap - 2] * [fp - 3]
    assert_eq!(assign(&[Op1Fp, ResAdd], [0, -2, -3], &[a, b]), felt(2));
    assert_eq!(assign(&[Op1Fp, ResMul], [0, -2, -3], &[a, b]), felt(P - 3));
    // [ap] = [fp - 3] + 5; pointers move
    assert_eq!(
        assign(&[Op0Fp, Op1Imm, ResAdd], [0, -3, 1], &[(7, stack(1))]),
        stack(6)
    );
}

#[test]
fn assert_eq_solves_for_the_one_unknown_operand() {
    let left = (FP, felt(12));
    let solve = |flags: &[Flag], offsets, cells: &[(u32, Value)], unknown: u32| {
        let after = step(&[flags, &[DstFp, AssertEq]].concat(), offsets, 5, cells);
        after.stands_at(1 + u32::from(flags.contains(&Op1Imm)), AP, FP);
        after.cell(unknown)
    };
    let known = (18, felt(4));
    // 12 = [ap]; 12 = [ap - 2] + [ap]; 12 = [ap - 2] * [ap]
    assert_eq!(solve(&[Op0Fp, Op1Ap], [0, -1, 0], &[left], AP), felt(12));
    assert_eq!(
        solve(&[Op1Ap, ResAdd], [0, -2, 0], &[left, known], AP),
        felt(8)
    );
    assert_eq!(
        solve(&[Op1Ap, ResMul], [0, -2, 0], &[left, known], AP),
        felt(3)
    );
    // 12 = [ap] + [ap - 2]; 12 = [ap] * [ap - 2]; 12 = [ap] + 5
    assert_eq!(
        solve(&[Op1Ap, ResAdd], [0, 0, -2], &[left, known], AP),
        felt(8)
    );
    assert_eq!(
        solve(&[Op1Ap, ResMul], [0, 0, -2], &[left, known], AP),
        felt(3)
    );
    assert_eq!(solve(&[Op1Imm, ResAdd], [0, 0, 1], &[left], AP), felt(7));
    // pointer - pointer is a felt; [[ap - 2] + 1] = 12 writes through a pointer
    let pointers = [(FP, stack(9)), (18, stack(4))];
    assert_eq!(solve(&[Op1Ap, ResAdd], [0, -2, 0], &pointers, AP), felt(5));
    assert_eq!(
        solve(&[], [0, -2, 1], &[left, (18, stack(29))], 30),
        felt(12)
    );
}

#[test]
fn assert_eq_refuses_what_differs_or_is_unknown() {
    let check = |flags: &[Flag], offsets, cells: &[(u32, Value)]| {
        step(&[flags, &[AssertEq]].concat(), offsets, 5, cells)
            .result
            .unwrap_err()
    };
    let differs = Fault::AssertEq {
        dst: felt(6),
        res: felt(5),
    };
    assert_eq!(
        check(&[Op0Fp, Op1Imm], [0, -1, 1], &[(AP, felt(6))]),
        differs
    );
    assert_eq!(
        check(&[Op0Fp, Op1Ap], [0, -1, -2], &[]),
        Fault::Unknown(Operand::Op1)
    );
    assert_eq!(
        check(&[Op1Imm, ResAdd], [0, -2, 1], &[]),
        Fault::Unknown(Operand::Op0)
    );
    assert_eq!(
        check(&[Op1Ap, ResAdd], [0, -2, -3], &[]),
        Fault::Unknown(Operand::Op0)
    );
    let one_known = [(18, felt(1))];
    assert_eq!(
        check(&[Op1Ap, ResAdd], [0, -2, -3], &one_known),
        Fault::Unknown(Operand::Op1)
    );
    assert_eq!(check(&[], [0, -2, 0], &[]), Fault::Unknown(Operand::Op0));
    assert_eq!(
        check(&[], [0, -2, 0], &one_known),
        Fault::NotAPointer(felt(1))
    );
    assert_eq!(
        check(&[], [0, -2, -1], &[(18, stack(0))]),
        Fault::Address(Operand::Op1)
    );
    assert_eq!(
        check(&[Op0Fp, Op1Imm], [-21, -1, 1], &[]),
        Fault::Address(Operand::Dst)
    );
    assert_eq!(
        check(&[Op1Imm, ResAdd], [0, -21, 1], &[]),
        Fault::Address(Operand::Op0)
    );
    let zero_factor = [(AP, felt(5)), (18, felt(0))];
    let no_quotient = Fault::Value(ValueError::DivisionByZero(felt(5)));
    assert_eq!(
        check(&[Op1Ap, ResMul], [0, -2, -3], &zero_factor),
        no_quotient
    );
}

#[test]
fn jumps_move_pc() {
    let idle = [DstFp, Op0Fp];
    let jump = |flags: &[Flag], op1, cells: &[(u32, Value)]| {
        step(&[&idle, flags].concat(), [-1, -1, op1], 7, cells)
    };
    jump(&[Op1Imm, JmpRel], 1, &[]).stands_at(7, AP, FP);
    jump(&[Op1Imm, JmpRel, ApAdd1], 1, &[]).stands_at(7, AP + 1, FP);
    jump(&[Op1Fp, JmpAbs], -3, &[(7, code(42))]).stands_at(42, AP, FP);
    let felt_target = jump(&[Op1Fp, JmpAbs], -3, &[(7, felt(42))]);
    assert_eq!(felt_target.result, Err(Fault::JumpTarget(felt(42))));
    let stack_target = jump(&[Op1Fp, JmpAbs], -3, &[(7, stack(0))]);
    assert_eq!(stack_target.result, Err(Fault::JumpTarget(stack(0))));
    let before_start = jump(&[Op1Fp, JmpRel], -3, &[(7, felt(P - 1))]);
    assert!(matches!(
        before_start.result,
        Err(Fault::Value(ValueError::PointerRange(..)))
    ));
    // jmp rel [fp - 3] + 7
    let sum = step(
        &[DstFp, Op0Fp, Op1Imm, ResAdd, JmpRel],
        [-1, -3, 1],
        7,
        &[(7, felt(4))],
    );
    sum.stands_at(11, AP, FP);
}

#[test]
fn jnz_branches_on_any_value_but_zero() {
    let branch = |dst: Value| step(&[Op0Fp, Op1Imm, Jnz, ApAdd1], [-2, -1, 1], 9, &[(18, dst)]);
    branch(felt(0)).stands_at(2, AP + 1, FP);
    branch(felt(1)).stands_at(9, AP + 1, FP);
    branch(felt(P - 1)).stands_at(9, AP + 1, FP);
    branch(stack(0)).stands_at(9, AP + 1, FP);
    let unknown = step(&[Op0Fp, Op1Imm, Jnz], [-2, -1, 1], 9, &[]);
    assert_eq!(unknown.result, Err(Fault::Unknown(Operand::Dst)));
    // The distance is read even if the branch is not taken, as in the proof.
    let no_distance = step(&[Op0Fp, Op1Ap, Jnz], [-2, -1, 0], 9, &[(18, felt(0))]);
    assert_eq!(no_distance.result, Err(Fault::Unknown(Operand::Op1)));
}

#[test]
fn add_ap_moves_ap_within_the_stack() {
    let add = |by: u64| step(&[DstFp, Op0Fp, Op1Imm, ApAdd], [-1, -1, 1], by, &[]);
    add(4).stands_at(2, AP + 4, FP);
    add(P - 20).stands_at(2, 0, FP);
    let out = Err(Fault::Value(ValueError::PointerRange(
        stack(AP),
        felt(P - 21),
    )));
    assert_eq!(add(P - 21).result, out);
    assert!(add(u64::from(MAX_OFFSET)).result.is_err());
}

#[test]
fn call_pushes_a_frame_and_ret_leaves_it() {
    let call = step(&[Op1Imm, JmpRel, Call], [0, 1, 1], 30, &[]);
    call.stands_at(30, AP + 2, AP + 2);
    assert_eq!((call.cell(AP), call.cell(AP + 1)), (stack(FP), code(2)));
    let indirect = step(&[Op1Fp, JmpAbs, Call], [0, 1, -3], 0, &[(7, code(50))]);
    indirect.stands_at(50, AP + 2, AP + 2);
    assert_eq!(indirect.cell(AP + 1), code(1));
    let occupied = step(&[Op1Imm, JmpRel, Call], [0, 1, 1], 30, &[(AP, felt(1))]);
    assert!(matches!(
        occupied.result,
        Err(Fault::Memory(MemoryError::Conflict { .. }))
    ));

    let ret = |frame: [Value; 2]| {
        let cells = [(FP - 2, frame[0]), (FP - 1, frame[1])];
        step(&[DstFp, Op0Fp, Op1Fp, JmpAbs, Ret], [-2, -1, -1], 0, &cells)
    };
    ret([stack(4), code(33)]).stands_at(33, AP, 4);
    assert_eq!(
        ret([felt(4), code(33)]).result,
        Err(Fault::RegisterTarget(felt(4)))
    );
    assert_eq!(
        ret([code(4), code(33)]).result,
        Err(Fault::RegisterTarget(code(4)))
    );
    assert_eq!(
        ret([stack(4), felt(33)]).result,
        Err(Fault::JumpTarget(felt(33)))
    );
}

#[test]
fn the_stack_ends_with_the_offsets() {
    let near_end = [(18, Value::pointer(STACK, MAX_OFFSET - 1))];
    let past = step(&[AssertEq], [0, -2, 1], 0, &[near_end[0], (AP, felt(1))]);
    assert_eq!(
        past.result,
        Err(Fault::Memory(MemoryError::OutOfSpace(STACK, MAX_OFFSET)))
    );
}

/// `[ap] = [[ap - 2] + offset]`, where `[ap - 2]` is the start of a builtin's segment.
fn read_builtin(builtin: Builtin, offset: i32, cells: &[(usize, u32, u64)]) -> Outcome {
    let index = builtin as usize;
    let pointer = (18, Value::pointer(Segment::builtin(index), 0));
    step_with(&[AssertEq], [0, -2, offset], 0, &[pointer], cells)
}

#[test]
fn builtin_outputs_are_deduced_when_read() {
    let inputs: Vec<_> = (0..8)
        .map(|i| (Builtin::Poseidon2 as usize, i, u64::from(i)))
        .collect();
    let mut state = std::array::from_fn(F::from_usize);
    zkperp_field::poseidon2::permute(&mut state);
    let hashed = read_builtin(Builtin::Poseidon2, 11, &inputs);
    assert_eq!(hashed.cell(AP), Value::felt(state[3]));
    let outputs = &hashed
        .memory
        .written(Segment::builtin(Builtin::Poseidon2 as usize))[8..];
    assert_eq!(outputs, state.map(Value::felt));
    let incomplete = read_builtin(Builtin::Poseidon2, 11, &inputs[1..]);
    assert_eq!(incomplete.result, Err(Fault::Unknown(Operand::Op1)));

    let operands = |values: [u64; 4]| -> Vec<_> {
        (0..4)
            .map(|i| (Builtin::Muldiv as usize, i as u32, values[i]))
            .collect()
    };
    assert_eq!(
        read_builtin(Builtin::Muldiv, 4, &operands([7, 9, 1, 10])).cell(AP),
        felt(6)
    );
    assert_eq!(
        read_builtin(Builtin::Muldiv, 5, &operands([7, 9, 1, 10])).cell(AP),
        felt(4)
    );
    let by_zero = read_builtin(Builtin::Muldiv, 4, &operands([7, 9, 1, 0])).result;
    let error = MuldivError::DivisionByZero { a: 7, b: 9, e: 1 };
    assert_eq!(by_zero, Err(Fault::Builtin(BuiltinError::Muldiv(error))));
    assert_eq!(
        read_builtin(Builtin::RangeCheck, 0, &[]).result,
        Err(Fault::Unknown(Operand::Op1))
    );
}

#[test]
fn builtin_cells_are_checked_when_written() {
    // [[ap - 2] + offset] = value
    let write = |builtin: Builtin, offset: i32, value: Value| {
        let pointer = (18, Value::pointer(Segment::builtin(builtin as usize), 0));
        step(&[AssertEq], [0, -2, offset], 0, &[pointer, (AP, value)]).result
    };
    assert_eq!(write(Builtin::RangeCheck, 3, felt((1 << 62) - 1)), Ok(()));
    for value in [1 << 62, P - 1] {
        let refused = Err(Fault::Builtin(BuiltinError::RangeCheck(value)));
        assert_eq!(write(Builtin::RangeCheck, 3, felt(value)), refused);
    }
    for builtin in Builtin::ALL {
        let refused = Fault::Builtin(BuiltinError::Pointer {
            builtin,
            value: stack(1),
        });
        assert_eq!(write(builtin, 0, stack(1)), Err(refused));
    }
    for (builtin, output) in [(Builtin::Poseidon2, 8), (Builtin::Muldiv, 5)] {
        let refused = Err(Fault::Builtin(BuiltinError::OutputFirst(builtin)));
        assert_eq!(write(builtin, output, felt(0)), refused);
    }
}

#[test]
fn hints_write_one_cell() {
    let input = Input::named([("n", F::from_u8(5))]);
    let memory = Memory::new(vec![], 0);
    let mut machine = Machine::new(
        Registers {
            pc: 0,
            ap: AP,
            fp: FP,
        },
        memory,
        &[],
        &input,
    );
    let mut hint = |code: &str| machine.hint(&Hint::parse(code).unwrap());
    assert_eq!(hint("memory[ap] = program_input[\"n\"]"), Ok(()));
    assert_eq!(hint("memory[fp - 3] = advice"), Ok(()));
    assert_eq!(
        hint("memory[fp + 1] = program_input[\"m\"]"),
        Err(Fault::MissingInput("m".to_owned()))
    );
    assert_eq!(
        hint("memory[fp - 11] = advice"),
        Err(Fault::Address(Operand::Dst))
    );
    let conflict = hint("memory[ap] = advice");
    assert!(matches!(
        conflict,
        Err(Fault::Memory(MemoryError::Conflict { .. }))
    ));
    assert_eq!(machine.memory.get(STACK, AP), felt(5));
    assert_eq!(
        machine.memory.get(STACK, FP - 3),
        Value::pointer(Segment::ADVICE, 0)
    );
}
