"""Random programs: each instruction is drawn until the model can execute it where it stands."""

import copy
from collections.abc import Sequence
from random import Random

from tests.model.cairo_instruction import (
    AP_ADD,
    AP_ADD1,
    ASSERT_EQ,
    CALL,
    DST_FP,
    JMP_ABS,
    JMP_REL,
    JNZ,
    OP0_FP,
    OP1_AP,
    OP1_FP,
    OP1_IMM,
    RES_ADD,
    RES_MUL,
    RET,
    encode,
)
from tests.model.cairo_vm import Machine, P, RefusedError, run

BUILTINS = ("output", "range_check", "muldiv")
ATTEMPTS = 40
BLOCK_LENGTH = (3, 9)
DEPTH_MAX = 2

IMMEDIATES = (0, 1, 2, 5, 2**32, 2**61, 2**62 - 1, P - 1, P - 2, P // 2)


def word(flags: Sequence[int], dst: int, op0: int, op1: int) -> int:
    """Return an encoded instruction."""
    return encode(frozenset(flags), dst, op0, op1)


def random_machine(source: Random) -> Machine:
    """Return a machine that stands at `__end__` of a program grown while it ran."""
    while True:
        try:
            machine = _grow(source)
            run(Machine(machine.words, BUILTINS))
            return machine
        except RefusedError:
            continue  # What a block left in a builtin can't be completed: draw another program.


def _grow(source: Random) -> Machine:
    header = [
        *(word([DST_FP, OP0_FP, OP1_IMM, AP_ADD], -1, -1, 1), len(BUILTINS)),
        *(word([OP1_IMM, JMP_REL, CALL], 0, 1, 1), 4),
        *(word([DST_FP, OP0_FP, OP1_IMM, JMP_REL], -1, -1, 1), 0),
    ]
    machine = Machine(words=header, builtins=BUILTINS)
    machine.step()
    machine.step()
    _block(machine, source, depth=0)
    _use_builtins(machine, source)
    machine.step()
    return machine


def spoiled(machine: Machine, source: Random) -> Machine:
    """Return the program with one word behind the header changed."""
    words = list(machine.words)
    index = source.randrange(6, len(words))
    words[index] = source.choice(
        [words[index] ^ 1 << source.randrange(63), (words[index] + 1) % P, source.randrange(P)]
    )
    words[index] %= P
    return Machine(words=words, builtins=machine.builtins)


def _execute(machine: Machine, words: Sequence[int]) -> bool:
    """Append one instruction and execute it, if it can be."""
    attempt = copy.deepcopy(machine)
    attempt.words += words
    try:
        attempt.step()
    except RefusedError:
        return False
    if attempt.registers.pc < len(attempt.words) and words[0] >> (48 + RET) & 1 == 0:
        return False  # A jump back: it would not end.
    machine.words, machine.memory = attempt.words, attempt.memory
    machine.registers = attempt.registers
    return True


def _emit(machine: Machine, words: Sequence[int]) -> None:
    if not _execute(machine, words):
        raise RefusedError(machine.registers)


def _block(machine: Machine, source: Random, *, depth: int) -> None:
    for _ in range(source.randint(*BLOCK_LENGTH)):
        kind = source.random()
        if kind < 0.1 and depth < DEPTH_MAX:
            _function(machine, source, depth + 1)
        elif kind < 0.25:
            _jump(machine, source)
        else:
            for _ in range(ATTEMPTS):
                if _execute(machine, _assertion(source)):
                    break


def _function(machine: Machine, source: Random, depth: int) -> None:
    """`call` over a jump into the body; the jump leads behind it once its end is known."""
    if not _execute(machine, [word([OP1_IMM, JMP_REL, CALL], 0, 1, 1), 4]):
        return  # A cell of the frame holds a value already.
    jump_at = len(machine.words)
    machine.words += [word([DST_FP, OP0_FP, OP1_IMM, JMP_REL], -1, -1, 1), 0]
    _block(machine, source, depth=depth)
    _emit(machine, [word([DST_FP, OP0_FP, OP1_FP, JMP_ABS, RET], -2, -1, -1)])
    machine.words[jump_at + 1] = len(machine.words) - jump_at
    machine.step()


def _jump(machine: Machine, source: Random) -> None:
    """A jump over a few words that are never executed, or a branch on a known cell."""
    skipped = [source.randrange(P) for _ in range(source.randint(0, 3))]
    increment = [AP_ADD1] * source.randint(0, 1)
    if source.random() < 0.5:
        flags = [DST_FP, OP0_FP, OP1_IMM, JMP_REL, *increment]
        instruction = [word(flags, -1, -1, 1), 2 + len(skipped)]
        attempt = [*instruction, *skipped]
    else:
        # Not taken, or taken over nothing: both lead behind it.
        flags = [OP0_FP, OP1_IMM, JNZ, *increment]
        attempt = [word(flags, -source.randint(1, 6), -1, 1), 2]
    _execute(machine, attempt)


def _assertion(source: Random) -> list[int]:
    """`dst = res` or `ap += imm`, with any operands; most of them can't be executed."""
    if source.random() < 0.05:
        return [word([DST_FP, OP0_FP, OP1_IMM, AP_ADD], -1, -1, 1), source.randint(0, 3)]
    flags = [ASSERT_EQ]
    flags += [AP_ADD1] * (source.random() < 0.7)
    flags += [DST_FP] * (source.random() < 0.2)
    operator = source.choice([[], [RES_ADD], [RES_MUL]])
    op1 = source.choice([[OP1_IMM], [OP1_FP], [OP1_AP], [OP1_AP], []])
    dst, op0_at, op1_at = source.choice([0, 0, 0, -1, -2]), -source.randint(0, 6), 1
    if op1 != [OP1_IMM]:
        op1_at = -source.randint(0, 6)
    if op1 == []:
        # Through a pointer: a builtin's, or one to the stack. Writes to builtins come at the end.
        operator, op1_at = [], source.choice([-2, -1, 0, 1, 2])
    if operator or not op1:
        flags += [OP0_FP] * (source.random() < 0.5)
    else:
        flags, op0_at = [*flags, OP0_FP], -1
    first = word([*flags, *operator, *op1], dst, op0_at, op1_at)
    return [first, source.choice(IMMEDIATES)] if op1 == [OP1_IMM] else [first]


def _use_builtins(machine: Machine, source: Random) -> None:
    """Write instances, read their outputs, and return the pointers moved on."""
    # Past whatever a block wrote above `ap`.
    _emit(machine, [word([DST_FP, OP0_FP, OP1_IMM, AP_ADD], -1, -1, 1), 8])
    pointers = {name: -5 + i for i, name in enumerate(BUILTINS)}
    used = {"output": source.randint(1, 4), "range_check": source.randint(0, 3), "muldiv": 1}
    for name, values in (
        ("output", [source.randrange(P) for _ in range(used["output"])]),
        ("range_check", [source.randrange(2**62) for _ in range(used["range_check"])]),
        ("muldiv", [source.randrange(2**40) for _ in range(3)] + [source.randrange(2**30, 2**62)]),
    ):
        for i, value in enumerate(_behind_written(machine, name, values)):
            if value is not None:
                _emit(machine, [word([OP0_FP, OP1_IMM, AP_ADD1, ASSERT_EQ], 0, -1, 1), value])
                _emit(machine, [word([OP0_FP, ASSERT_EQ], -1, pointers[name], i)])
    for cell in (4, 5):
        _emit(machine, [word([OP0_FP, AP_ADD1, ASSERT_EQ], 0, pointers["muldiv"], cell)])
    for name, cells in (("output", 1), ("range_check", 1), ("muldiv", 6)):
        ends = [at.offset + 1 for at in machine.memory if at.segment == name]
        stop = -(-max(ends, default=0) // cells) * cells
        flags = [OP0_FP, OP1_IMM, RES_ADD, AP_ADD1, ASSERT_EQ]
        _emit(machine, [word(flags, 0, pointers[name], 1), stop])
    _emit(machine, [word([DST_FP, OP0_FP, OP1_FP, JMP_ABS, RET], -2, -1, -1)])


def _behind_written(machine: Machine, name: str, values: Sequence[int]) -> list[int | None]:
    """Return the values for cells that nothing wrote before, `None` for the others."""
    written = {at.offset for at in machine.memory if at.segment == name}
    ahead = range(max([len(values) - 1, *written]) + 1) if name != "muldiv" else range(len(values))
    padded = [*values, *[1] * len(ahead)]
    return [None if i in written else padded[i] for i in ahead]
