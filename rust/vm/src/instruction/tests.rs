use proptest::prelude::*;

use super::Flag::{
    ApAdd, ApAdd1, AssertEq, Call, DstFp, JmpAbs, JmpRel, Jnz, Op0Fp, Op1Ap, Op1Fp, Op1Imm, ResAdd,
    ResMul, Ret,
};
use super::*;

fn instruction(flags: &[Flag], offsets: [i32; 3]) -> Instruction {
    let flags = flags.iter().fold(0, |bits, flag| bits | flag.bit());
    Instruction { offsets, flags }
}

/// Words as cairo-lang 0.14.0.1 encodes them.
#[test]
fn the_compilers_words_are_read() {
    let cases: [(u64, &[Flag], [i32; 3], Form); 10] = [
        // [ap] = 5, ap++
        (
            0x4806_8001_7fff_8000,
            &[Op0Fp, Op1Imm, ApAdd1, AssertEq],
            [0, -1, 1],
            Form::AssertEq,
        ),
        // [ap] = [ap - 3] + [ap - 2], ap++
        (
            0x4830_7ffe_7ffd_8000,
            &[Op1Ap, ResAdd, ApAdd1, AssertEq],
            [0, -3, -2],
            Form::AssertEq,
        ),
        // [ap] = [ap - 1] * [fp - 3], ap++
        (
            0x4848_7ffd_7fff_8000,
            &[Op1Fp, ResMul, ApAdd1, AssertEq],
            [0, -1, -3],
            Form::AssertEq,
        ),
        // [ap - 1] = [[fp - 4]]
        (
            0x4002_8000_7ffc_7fff,
            &[Op0Fp, AssertEq],
            [-1, -4, 0],
            Form::AssertEq,
        ),
        // ap += 2
        (
            0x0407_8001_7fff_7fff,
            &[DstFp, Op0Fp, Op1Imm, ApAdd],
            [-1, -1, 1],
            Form::AddAp,
        ),
        // jmp rel 0
        (
            0x0107_8001_7fff_7fff,
            &[DstFp, Op0Fp, Op1Imm, JmpRel],
            [-1, -1, 1],
            Form::Jump,
        ),
        // jmp rel 4 if [ap - 1] != 0
        (
            0x0206_8001_7fff_7fff,
            &[Op0Fp, Op1Imm, Jnz],
            [-1, -1, 1],
            Form::JumpIf,
        ),
        // call rel 4
        (
            0x1104_8001_8001_8000,
            &[Op1Imm, JmpRel, Call],
            [0, 1, 1],
            Form::Call,
        ),
        // call abs [fp - 5]
        (
            0x1088_7ffb_8001_8000,
            &[Op1Fp, JmpAbs, Call],
            [0, 1, -5],
            Form::Call,
        ),
        // ret
        (
            0x208b_7fff_7fff_7ffe,
            &[DstFp, Op0Fp, Op1Fp, JmpAbs, Ret],
            [-2, -1, -1],
            Form::Ret,
        ),
    ];
    for (word, flags, offsets, form) in cases {
        let decoded = Instruction::decode(word).unwrap();
        assert_eq!(decoded, instruction(flags, offsets), "{word:#x}");
        assert_eq!(decoded.form(), Ok(form));
        assert_eq!(decoded.encode(), word);
        assert_eq!(decoded.size(), 1 + u32::from(flags.contains(&Op1Imm)));
    }
}

#[test]
fn every_rule_refuses_what_breaks_it() {
    use InstructionError as E;
    let idle = [-1, -1, 1];
    let cases: [(&[Flag], [i32; 3], E); 22] = [
        (&[Op1Imm, Op1Ap, AssertEq], idle, E::Op1Source),
        (&[Op1Fp, Op1Ap, AssertEq], idle, E::Op1Source),
        (&[Op1Imm, ResAdd, ResMul, AssertEq], idle, E::ResLogic),
        (&[Op1Imm, ResAdd, Jnz], idle, E::ResLogic),
        (&[DstFp, Op0Fp, Op1Imm, JmpAbs, JmpRel], idle, E::PcUpdate),
        (&[Op0Fp, Op1Imm, JmpRel, Jnz], idle, E::PcUpdate),
        (&[Op0Fp, Op1Imm, ApAdd, ApAdd1, AssertEq], idle, E::ApUpdate),
        (&[Op1Imm, JmpRel, ApAdd1, Call], [0, 1, 1], E::ApUpdate),
        (&[Op1Imm, JmpRel, Call, AssertEq], [0, 1, 1], E::Opcode),
        (&[Op1Imm, Call], [0, 1, 1], E::CallShape),
        (&[Op1Imm, JmpRel, Call], [1, 1, 1], E::CallShape),
        (&[Op1Imm, JmpRel, Call], [0, 0, 1], E::CallShape),
        (&[DstFp, Op1Imm, JmpRel, Call], [0, 1, 1], E::CallShape),
        (&[Op1Imm, ResAdd, JmpRel, Call], [0, 1, 1], E::CallShape),
        (&[JmpAbs, Call], [0, 1, 0], E::CallShape),
        (
            &[DstFp, Op0Fp, Op1Fp, JmpAbs, Ret],
            [-2, -1, -2],
            E::RetShape,
        ),
        (
            &[DstFp, Op0Fp, Op1Fp, JmpAbs, ApAdd1, Ret],
            [-2, -1, -1],
            E::RetShape,
        ),
        (&[], idle, E::NoForm),
        (&[Op0Fp, Op1Imm, JmpRel, AssertEq], idle, E::NoForm),
        (&[Op0Fp, Op1Imm, ApAdd, Jnz], idle, E::NoForm),
        (&[Op0Fp, Op1Imm, AssertEq], [-1, -1, 2], E::ImmediateOffset),
        (&[Op1Imm, AssertEq], idle, E::UnusedOperand),
    ];
    for (flags, offsets, error) in cases {
        let word = instruction(flags, offsets).encode();
        assert_eq!(
            Instruction::decode(word),
            Err(error),
            "{flags:?} {offsets:?}"
        );
    }
    let idle_dst = instruction(&[DstFp, Op0Fp, Op1Imm, ApAdd], [-2, -1, 1]);
    assert_eq!(idle_dst.form(), Err(E::UnusedOperand));
    let ret_word = 0x208b_7fff_7fff_7ffe;
    assert_eq!(Instruction::decode(ret_word | 1 << 63), Err(E::Bit63));
}

/// A valid instruction, any form.
fn valid() -> impl Strategy<Value = Instruction> {
    let offset = -(1 << 15)..1 << 15;
    let choices = (
        0..6,
        any::<[bool; 3]>(),
        0..4usize,
        0..3,
        [offset.clone(), offset.clone(), offset],
    );
    choices.prop_map(
        |(form, [dst_fp, op0_fp, second], source, logic, mut offsets)| {
            let mut flags = Vec::new();
            if dst_fp {
                flags.push(DstFp);
            }
            if op0_fp {
                flags.push(Op0Fp);
            }
            match form {
                0 => flags.push(AssertEq),
                1 => flags.push(ApAdd),
                2 => flags.push(if second { JmpAbs } else { JmpRel }),
                3 => flags.push(Jnz),
                4 => {
                    flags = vec![Call, if second { JmpAbs } else { JmpRel }];
                    offsets[..2].copy_from_slice(&[0, 1]);
                }
                _ => return instruction(&[DstFp, Op0Fp, Op1Fp, JmpAbs, Ret], [-2, -1, -1]),
            }
            let may_combine = form < 3;
            if may_combine && logic > 0 {
                flags.push(if logic == 1 { ResAdd } else { ResMul });
            }
            let source = if form == 4 && source == 3 { 0 } else { source };
            if let Some(flag) = [Op1Imm, Op1Fp, Op1Ap].get(source) {
                flags.push(*flag);
            }
            if flags.contains(&Op1Imm) {
                offsets[2] = 1;
            }
            let reads_op0 = source == 3 || form == 4 || (may_combine && logic > 0);
            if !reads_op0 {
                flags.push(Op0Fp);
                offsets[1] = -1;
            }
            if form == 1 || form == 2 {
                flags.push(DstFp);
                offsets[0] = -1;
            }
            if form != 1 && form != 4 && second {
                flags.push(ApAdd1);
            }
            instruction(&flags, offsets)
        },
    )
}

proptest! {
    #[test]
    fn valid_instructions_round_trip(instruction in valid()) {
        prop_assert_eq!(Instruction::decode(instruction.encode()), Ok(instruction));
    }

    #[test]
    fn decoding_is_injective(word in any::<u64>()) {
        if let Ok(instruction) = Instruction::decode(word) {
            prop_assert_eq!(instruction.encode(), word);
        }
    }

    /// One flipped bit of a valid word is another instruction or none.
    #[test]
    fn a_flipped_bit_is_seen(instruction in valid(), bit in 0..64u32) {
        let word = instruction.encode() ^ 1 << bit;
        prop_assert_ne!(Instruction::decode(word), Ok(instruction));
    }
}
