"""Which words are instructions: every flag pattern of the six forms, listed one by one.

Source: rust/vm/src/instruction.rs says why these; the encoding is that of eprint 2021/1063, § 4.4.
"""

from itertools import chain, combinations, product

# Flags by their bit, from bit 48 of the word on.
DST_FP, OP0_FP, OP1_IMM, OP1_FP, OP1_AP, RES_ADD, RES_MUL, JMP_ABS, JMP_REL, JNZ = range(10)
AP_ADD, AP_ADD1, CALL, RET, ASSERT_EQ = range(10, 15)

Pattern = frozenset[int]

_SOURCES: list[set[int]] = [set(), {OP1_IMM}, {OP1_FP}, {OP1_AP}]
_LOGIC: list[set[int]] = [set(), {RES_ADD}, {RES_MUL}]
_INCREMENT: list[set[int]] = [set(), {AP_ADD1}]
_REGISTERS = [set(some) for n in range(3) for some in combinations((DST_FP, OP0_FP), n)]


def _patterns(*choices: list[set[int]]) -> set[Pattern]:
    return {frozenset(chain(*parts)) for parts in product(*choices)}


ASSERTS = _patterns([{ASSERT_EQ}], _REGISTERS, _SOURCES, _LOGIC, _INCREMENT)
ADDITIONS = _patterns([{AP_ADD}], _REGISTERS, _SOURCES, _LOGIC)
JUMPS = _patterns([{JMP_ABS}, {JMP_REL}], _REGISTERS, _SOURCES, _LOGIC, _INCREMENT)
BRANCHES = _patterns([{JNZ}], _REGISTERS, _SOURCES, _INCREMENT)
CALLS = _patterns([{CALL}], [{JMP_ABS}, {JMP_REL}], _SOURCES[1:])
RETURNS = _patterns([{RET, JMP_ABS, DST_FP, OP0_FP, OP1_FP}])


def offsets(word: int) -> tuple[int, int, int]:
    """Return the offsets of dst, op0 and op1."""
    dst, op0, op1 = ((word >> 16 * i) % 2**16 - 2**15 for i in range(3))
    return dst, op0, op1


def flags(word: int) -> Pattern:
    """Return the flags that are set, the unused 16th among them."""
    return frozenset(j for j in range(16) if word >> (48 + j) & 1)


def size(word: int) -> int:
    """Return how many words the instruction takes."""
    return 1 + (OP1_IMM in flags(word))


def encode(pattern: Pattern, dst: int, op0: int, op1: int) -> int:
    """Return the word."""
    biased = [offset + 2**15 for offset in (dst, op0, op1)]
    return sum(o << 16 * i for i, o in enumerate(biased)) + sum(1 << (48 + f) for f in pattern)


def is_instruction(word: int) -> bool:
    """Whether the word is one of the six forms, its unused operands being [fp - 1]."""
    pattern, (dst, op0, op1) = flags(word), offsets(word)
    if pattern in CALLS:
        shape = (dst, op0) == (0, 1)
    elif pattern in RETURNS:
        shape = (dst, op0, op1) == (-2, -1, -1)
    elif pattern in ASSERTS | BRANCHES:
        shape = _reads_op0(pattern) or (OP0_FP in pattern and op0 == -1)
    elif pattern in ADDITIONS | JUMPS:
        shape = (DST_FP in pattern and dst == -1) and (
            _reads_op0(pattern) or (OP0_FP in pattern and op0 == -1)
        )
    else:
        return False
    return shape and (OP1_IMM not in pattern or op1 == 1)


def _reads_op0(pattern: Pattern) -> bool:
    through_op0 = not pattern & {OP1_IMM, OP1_FP, OP1_AP}
    return through_op0 or bool(pattern & {RES_ADD, RES_MUL})
