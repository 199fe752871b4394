"""A Cairo machine over Goldilocks, slow and readable, and the memory map of its runs.

Source: Goldberg, Papini, Riabzev, "Cairo", eprint 2021/1063, § 4.5 (the state transition). The
memory map is that of docs/decisions/0001-public-values-are-memory.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.model import cairo_instruction as ins
from tests.model.poseidon2 import permute, sponge

P = 2**64 - 2**32 + 1
END = 4
HEIGHT_MIN = 64
OFFSET_END = 2**28
PROGRAM_DOMAIN = 1

CELLS = {"output": 1, "range_check": 1, "poseidon2": 16, "muldiv": 6}
INPUTS = {"output": 1, "range_check": 1, "poseidon2": 8, "muldiv": 4}
PADDING = {
    "output": [0],
    "range_check": [0],
    "poseidon2": [0] * 8 + permute([0] * 8),
    "muldiv": [0, 0, 0, 1, 0, 0],
}


class RefusedError(Exception):
    """The program has no run that could be proven."""


class Pointer(NamedTuple):
    """An address before segments have their place."""

    segment: str
    offset: int


Value = int | Pointer


class Registers(NamedTuple):
    """`pc` into the program, `ap` and `fp` into the execution segment."""

    pc: int
    ap: int
    fp: int


@dataclass
class Machine:
    """Registers and write-once memory."""

    words: list[int]
    builtins: Sequence[str]
    named: Mapping[str, int] = field(default_factory=dict)
    advice: Sequence[int] = ()
    hints: Mapping[int, Sequence[str]] = field(default_factory=dict)
    registers: Registers = field(default_factory=lambda: Registers(0, 0, 0))
    memory: dict[Pointer, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for i, name in enumerate(self.builtins):
            self.memory[Pointer("execution", i)] = Pointer(name, 0)
        for i, cell in enumerate(self.advice):
            self.memory[Pointer("advice", i)] = cell

    def read(self, at: Pointer) -> Value | None:
        """Return the cell's value; a builtin's outputs follow from its inputs."""
        if at.segment == "program":
            return self.words[at.offset] if 0 <= at.offset < len(self.words) else None
        if at not in self.memory and INPUTS.get(at.segment, 0) < CELLS.get(at.segment, 0):
            self._deduce(at.segment, at.offset // CELLS[at.segment])
        return self.memory.get(at)

    def write(self, at: Pointer, value: Value) -> None:
        """Write a cell that is empty or already holds the value."""
        if not 0 <= at.offset < OFFSET_END:
            raise RefusedError(at)
        if at.segment in CELLS:
            if isinstance(value, Pointer) or at.offset % CELLS[at.segment] >= INPUTS[at.segment]:
                raise RefusedError(at)
            if at.segment == "range_check" and value >= 2**62:
                raise RefusedError(value)
        if at.segment == "program" and self.read(at) != value:
            raise RefusedError(at)
        if self.memory.setdefault(at, value) != value:
            raise RefusedError(at)

    def _deduce(self, builtin: str, instance: int) -> None:
        first = instance * CELLS[builtin]
        inputs = [self.memory.get(Pointer(builtin, first + i)) for i in range(INPUTS[builtin])]
        values = [value for value in inputs if isinstance(value, int)]
        if len(values) < len(inputs):
            return
        outputs = permute(values) if builtin == "poseidon2" else divide(*values)
        for i, output in enumerate(outputs):
            self.memory[Pointer(builtin, first + INPUTS[builtin] + i)] = output

    def hint(self, code: str) -> None:
        """Execute `memory[REGISTER ± K] = program_input["NAME"]` or `... = advice`."""
        place, value = code.removeprefix("memory[").split("] = ", 1)
        register, _, offset = place.partition(" ")
        base = self.registers.ap if register == "ap" else self.registers.fp
        at = Pointer("execution", base + int(offset.replace(" ", "") or 0))
        if value == "advice":
            self.write(at, Pointer("advice", 0))
        else:
            self.write(at, self.named[value.removeprefix('program_input["').removesuffix('"]')])

    def step(self) -> None:
        """Execute the instruction at `pc`."""
        pc, ap, fp = self.registers
        for code in self.hints.get(pc, ()):
            self.hint(code)
        word = self.read(Pointer("program", pc))
        if not isinstance(word, int) or not ins.is_instruction(word):
            raise RefusedError(pc)
        flags = ins.flags(word)
        if ins.CALL in flags:
            self.write(Pointer("execution", ap), Pointer("execution", fp))
            self.write(Pointer("execution", ap + 1), Pointer("program", pc + ins.size(word)))
        places = self._places(word)
        if ins.ASSERT_EQ in flags:
            self._solve(flags, *places)
        dst, op0, op1 = map(self.read, places)
        if op1 is None or (flags & {ins.RES_ADD, ins.RES_MUL} and op0 is None):
            raise RefusedError(places)
        res = op1
        if ins.RES_ADD in flags and op0 is not None:
            res = plus(op0, op1)
        elif ins.RES_MUL in flags and op0 is not None:
            res = times(op0, op1)
        if ins.ASSERT_EQ in flags:
            self.write(places[0], res)
        elif flags & {ins.JNZ, ins.RET} and dst is None:
            raise RefusedError(places)
        self._move(word, dst, res)

    def _places(self, word: int) -> tuple[Pointer, Pointer, Pointer]:
        """Return where dst, op0 and op1 lie."""
        pc, ap, fp = self.registers
        flags, (dst, op0, op1) = ins.flags(word), ins.offsets(word)
        dst_at = Pointer("execution", (fp if ins.DST_FP in flags else ap) + dst)
        op0_at = Pointer("execution", (fp if ins.OP0_FP in flags else ap) + op0)
        base: Value | None = self.read(op0_at)
        if ins.OP1_IMM in flags:
            base = Pointer("program", pc)
        elif ins.OP1_FP in flags:
            base = Pointer("execution", fp)
        elif ins.OP1_AP in flags:
            base = Pointer("execution", ap)
        if not isinstance(base, Pointer) or base.offset + op1 < 0:
            raise RefusedError(base)
        return dst_at, op0_at, Pointer(base.segment, base.offset + op1)

    def _solve(self, flags: ins.Pattern, dst_at: Pointer, op0_at: Pointer, op1_at: Pointer) -> None:
        """Write the one unknown operand of `dst = res`, if it is not dst."""
        dst, op0, op1 = map(self.read, (dst_at, op0_at, op1_at))
        inverse = {ins.RES_ADD: subtract, ins.RES_MUL: quotient}
        operators = [inverse[flag] for flag in flags if flag in inverse]
        if dst is None:
            return
        if op1 is None and not operators:
            self.write(op1_at, dst)
        elif op1 is None and op0 is not None:
            self.write(op1_at, operators[0](dst, op0))
        elif op0 is None and op1 is not None and operators:
            self.write(op0_at, operators[0](dst, op1))

    def _move(self, word: int, dst: Value | None, res: Value) -> None:
        """Move the registers."""
        pc, ap, fp = self.registers
        flags = ins.flags(word)
        target: Value = Pointer("program", pc + ins.size(word))
        if ins.JMP_ABS in flags:
            target = res
        elif ins.JMP_REL in flags or (ins.JNZ in flags and dst != 0):
            target = plus(Pointer("program", pc), res)
        if ins.AP_ADD in flags:
            ap = _offset(plus(Pointer("execution", ap), res), "execution")
        elif ins.AP_ADD1 in flags:
            ap += 1
        elif ins.CALL in flags:
            ap = fp = ap + 2
        if ins.RET in flags:
            fp = _offset(dst, "execution")
        self.registers = Registers(_offset(target, "program"), ap, fp)


def plus(a: Value, b: Value) -> Value:
    """Return the sum; one of both may be a pointer."""
    if isinstance(b, Pointer):
        if isinstance(a, Pointer):
            raise RefusedError(a, b)
        return plus(b, a)
    if isinstance(a, Pointer):
        moved = (a.offset + b) % P
        if moved >= OFFSET_END:
            raise RefusedError(a, b)
        return Pointer(a.segment, moved)
    return (a + b) % P


def subtract(a: Value, b: Value) -> Value:
    """Return the difference; within a segment that of two pointers is a felt."""
    if isinstance(a, Pointer) and isinstance(b, Pointer) and a.segment == b.segment:
        return (a.offset - b.offset) % P
    if isinstance(b, Pointer):
        raise RefusedError(b)
    return plus(a, -b % P)


def times(a: Value, b: Value) -> Value:
    """Return the product of two felts."""
    if isinstance(a, Pointer) or isinstance(b, Pointer):
        raise RefusedError(a)
    return a * b % P


def quotient(a: Value, b: Value) -> Value:
    """Return a / b in the field."""
    if b == 0 or isinstance(b, Pointer):
        raise RefusedError(b)
    return times(a, pow(b, -1, P))


def divide(a: int, b: int, e: int, c: int) -> tuple[int, int]:
    """Return quotient and remainder of (a * b + e) / c; all of them are below 2^62."""
    if max(a, b, e, c) >= 2**62 or c == 0 or (a * b + e) // c >= 2**62:
        raise RefusedError(a, b, e, c)
    return divmod(a * b + e, c)


def _offset(register: Value | None, segment: str) -> int:
    if not isinstance(register, Pointer) or register.segment != segment:
        raise RefusedError(register)
    return register.offset


@dataclass
class Run:
    """A finished run in one address space, from address 1."""

    steps: list[Registers]
    memory: dict[int, int]
    cells: int
    bases: dict[str, int]
    heights: dict[str, int]
    used: dict[str, int]


def run(machine: Machine, max_steps: int = 100_000) -> Run:
    """Run to `__end__` and lay the run out, in the least heights that hold it."""
    steps = [machine.registers]
    while machine.registers.pc != END:
        if len(steps) > max_steps:
            raise RefusedError(max_steps)
        machine.step()
        steps.append(machine.registers)
    return _lay_out(machine, steps)


def _used(machine: Machine) -> dict[str, int]:
    """Return the instances used of each builtin, from the pointers that main returned."""
    used = {}
    ap, n = machine.registers.ap, len(machine.builtins)
    for i, name in enumerate(machine.builtins):
        stop = _offset(machine.memory.get(Pointer("execution", ap - n + i)), name)
        if stop % CELLS[name]:
            raise RefusedError(name)
        for instance in range(stop // CELLS[name]):
            for cell in range(CELLS[name]):
                if machine.read(Pointer(name, instance * CELLS[name] + cell)) is None:
                    raise RefusedError(name)
        if any(at.segment == name and at.offset >= stop for at in machine.memory):
            raise RefusedError(name)
        used[name] = stop // CELLS[name]
    return used


def _height(rows: int) -> int:
    return max(HEIGHT_MIN, 1 << (rows - 1).bit_length())


def _length(machine: Machine, segment: str) -> int:
    return 1 + max((at.offset for at in machine.memory if at.segment == segment), default=-1)


def _lay_out(machine: Machine, steps: list[Registers]) -> Run:
    used = _used(machine)
    header = 1 + len(machine.builtins) + 4
    heights = {name: _height(count) for name, count in used.items()}
    heights["output"] = _height(header + used["output"])
    bases, at = {"output": 1 + header}, 1 + heights["output"]
    for name in machine.builtins[1:]:
        bases[name], at = at, at + CELLS[name] * heights[name]
    bases["program"], at = at, at + len(machine.words)
    bases["execution"], at = at, at + _length(machine, "execution")
    bases["advice"], at = at, at + _length(machine, "advice")

    memory = {bases["program"] + i: word for i, word in enumerate(machine.words)}
    for name in machine.builtins[1:]:
        for instance in range(used[name], heights[name]):
            for i, cell in enumerate(PADDING[name]):
                memory[bases[name] + instance * CELLS[name] + i] = cell
    for place, value in machine.memory.items():
        felt = value if isinstance(value, int) else bases[value.segment] + value.offset
        memory[bases[place.segment] + place.offset] = felt
    final_ap = bases["execution"] + machine.registers.ap
    public = [final_ap, *used.values(), *sponge(PROGRAM_DOMAIN, machine.words)]
    memory.update(enumerate(public, start=1))
    moved = [
        Registers(bases["program"] + pc, bases["execution"] + ap, bases["execution"] + fp)
        for pc, ap, fp in steps
    ]
    return Run(moved, memory, at - 1, bases, heights, used)
