//! A small compiler: field expressions over registers to three-address instructions.
//!
//! Words hold three lanes of 85 bits; sums are not reduced. The compiler tracks a bound of every
//! value in multiples of p and inserts reductions where a lane could pass 2^85.

use std::collections::HashMap;

use zkperp_field::P;

use super::GenerateError;

/// A value of the program.
pub(super) type Value = usize;

/// Lanes must stay below 2^85, and p is below 2^64.
const BOUND_MAX: u64 = 1 << 21;

/// A difference adds 2^17 p to every lane (`evm::prologue`), so a subtrahend stays below that.
const LIFT: u64 = 1 << 17;

/// Memory addresses of registers, and of one word behind them, are 16 bits.
const REGISTERS_MAX: usize = 2046;

/// Operations on words of three lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    Mul,
    Add,
    Sub,
    Reduce,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Definition {
    Input(usize),
    Constant(u64),
    Op(Operation, Value, Value),
}

/// Expressions under construction; equal expressions are one value.
#[derive(Debug, Default)]
pub(super) struct Builder {
    definitions: Vec<Definition>,
    bounds: Vec<u64>,
    known: HashMap<Definition, Value>,
    /// Values from this index on belong to the named part.
    sections: Vec<(Value, String)>,
}

impl Builder {
    pub(super) fn section(&mut self, name: &str) {
        self.sections
            .push((self.definitions.len(), name.to_owned()));
    }

    /// The reduced element that the verifier puts in register `register`.
    pub(super) fn input(&mut self, register: usize) -> Value {
        self.intern(Definition::Input(register), 1)
    }

    pub(super) fn constant(&mut self, value: u64) -> Value {
        self.intern(Definition::Constant(value), 1)
    }

    pub(super) fn add(&mut self, a: Value, b: Value) -> Value {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(0), _) => return b,
            (_, Some(0)) => return a,
            (Some(x), Some(y)) => return self.fold(u128::from(x) + u128::from(y)),
            _ => {}
        }
        let (mut a, mut b) = (a, b);
        while self.bounds[a] + self.bounds[b] > BOUND_MAX {
            if self.bounds[a] >= self.bounds[b] {
                a = self.reduce(a);
            } else {
                b = self.reduce(b);
            }
        }
        let bound = self.bounds[a] + self.bounds[b];
        self.intern(Definition::Op(Operation::Add, a.min(b), a.max(b)), bound)
    }

    pub(super) fn sub(&mut self, a: Value, b: Value) -> Value {
        match (self.as_constant(a), self.as_constant(b)) {
            (_, Some(0)) => return a,
            (Some(x), Some(y)) => return self.fold(u128::from(x) + u128::from(P - y)),
            _ => {}
        }
        let b = if self.bounds[b] > LIFT {
            self.reduce(b)
        } else {
            b
        };
        let a = if self.bounds[a] + LIFT > BOUND_MAX {
            self.reduce(a)
        } else {
            a
        };
        let bound = self.bounds[a] + LIFT;
        self.intern(Definition::Op(Operation::Sub, a, b), bound)
    }

    pub(super) fn mul(&mut self, a: Value, b: Value) -> Value {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(0), _) | (_, Some(0)) => return self.constant(0),
            (Some(1), _) => return b,
            (_, Some(1)) => return a,
            (Some(x), Some(y)) => return self.fold(u128::from(x) * u128::from(y)),
            _ => {}
        }
        self.intern(Definition::Op(Operation::Mul, a.min(b), a.max(b)), 1)
    }

    pub(super) fn neg(&mut self, a: Value) -> Value {
        let zero = self.constant(0);
        self.sub(zero, a)
    }

    /// The same element with all lanes below p, as the verifier expects its results.
    pub(super) fn reduced(&mut self, a: Value) -> Value {
        if self.bounds[a] > 1 {
            self.reduce(a)
        } else {
            a
        }
    }

    fn reduce(&mut self, a: Value) -> Value {
        self.intern(Definition::Op(Operation::Reduce, a, a), 1)
    }

    fn fold(&mut self, value: u128) -> Value {
        let reduced = u64::try_from(value % u128::from(P));
        self.constant(reduced.expect("Invariant: reduced mod a 64-bit prime"))
    }

    fn as_constant(&self, value: Value) -> Option<u64> {
        match self.definitions[value] {
            Definition::Constant(constant) => Some(constant),
            _ => None,
        }
    }

    fn intern(&mut self, definition: Definition, bound: u64) -> Value {
        if let Some(&value) = self.known.get(&definition) {
            return value;
        }
        let value = self.definitions.len();
        self.definitions.push(definition);
        self.bounds.push(bound);
        self.known.insert(definition, value);
        value
    }
}

/// One instruction; operands are register numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instruction {
    pub(super) operation: Operation,
    pub(super) result: usize,
    pub(super) a: usize,
    pub(super) b: usize,
}

/// The compiled program.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) instructions: Vec<Instruction>,
    /// Constants, in registers from `first_constant`.
    pub(super) constants: Vec<u64>,
    pub(super) first_constant: usize,
    /// Registers of the outputs, contiguous, in their order.
    pub(super) first_output: usize,
    pub(super) registers: usize,
    /// First instruction of each named part.
    pub(super) sections: Vec<(usize, String)>,
}

/// Compiles what the outputs need. Registers: `inputs` given ones, constants, outputs, temporaries.
pub(super) fn compile(
    builder: &Builder,
    inputs: usize,
    outputs: &[Value],
) -> Result<Compiled, GenerateError> {
    let live = live_values(builder, outputs);
    let mut constants = Vec::new();
    let mut place: Vec<Option<usize>> = vec![None; builder.definitions.len()];
    for (value, definition) in builder.definitions.iter().enumerate() {
        match *definition {
            Definition::Input(register) => place[value] = Some(register),
            Definition::Constant(constant) if live[value] => {
                place[value] = Some(inputs + constants.len());
                constants.push(constant);
            }
            _ => {}
        }
    }
    // The sum with this zero moves a value that is no operation's own result.
    let zero = inputs + constants.len();
    constants.push(0);
    let first_output = inputs + constants.len();
    let mut emitter = Emitter {
        builder,
        place,
        last_use: last_uses(builder, &live, outputs),
        free: Vec::new(),
        next: first_output + outputs.len(),
        instructions: Vec::new(),
    };
    let mut moved = Vec::new();
    for (i, &output) in outputs.iter().enumerate() {
        let register = first_output + i;
        let is_operation = matches!(builder.definitions[output], Definition::Op(..));
        if is_operation && emitter.place[output].is_none() {
            emitter.place[output] = Some(register);
        } else {
            moved.push((register, output));
        }
    }
    let sections = emitter.emit_all(&live);
    for (result, output) in moved {
        let a = emitter.place[output].expect("Invariant: outputs are placed");
        let operation = Operation::Add;
        emitter.instructions.push(Instruction {
            operation,
            result,
            a,
            b: zero,
        });
    }
    if emitter.next > REGISTERS_MAX {
        let value = emitter.next;
        return Err(GenerateError::Limit {
            what: "registers",
            value,
            most: REGISTERS_MAX,
        });
    }
    Ok(Compiled {
        instructions: emitter.instructions,
        constants,
        first_constant: inputs,
        first_output,
        registers: emitter.next,
        sections,
    })
}

fn live_values(builder: &Builder, outputs: &[Value]) -> Vec<bool> {
    let mut live = vec![false; builder.definitions.len()];
    outputs.iter().for_each(|&output| live[output] = true);
    for value in (0..live.len()).rev() {
        if let (true, Definition::Op(_, a, b)) = (live[value], builder.definitions[value]) {
            live[a] = true;
            live[b] = true;
        }
    }
    live
}

/// The last value that reads each value; outputs and non-operations are never given up.
fn last_uses(builder: &Builder, live: &[bool], outputs: &[Value]) -> Vec<Option<Value>> {
    let mut last = vec![None; live.len()];
    for (value, definition) in builder.definitions.iter().enumerate() {
        if let (true, Definition::Op(_, a, b)) = (live[value], *definition) {
            last[a] = Some(value);
            last[b] = Some(value);
        }
    }
    for (value, definition) in builder.definitions.iter().enumerate() {
        if !matches!(definition, Definition::Op(..)) {
            last[value] = None;
        }
    }
    outputs.iter().for_each(|&output| last[output] = None);
    last
}

struct Emitter<'a> {
    builder: &'a Builder,
    place: Vec<Option<usize>>,
    last_use: Vec<Option<Value>>,
    free: Vec<usize>,
    next: usize,
    instructions: Vec<Instruction>,
}

impl Emitter<'_> {
    fn emit_all(&mut self, live: &[bool]) -> Vec<(usize, String)> {
        let mut sections = Vec::new();
        let mut names = self.builder.sections.iter().peekable();
        for (value, &is_live) in live.iter().enumerate() {
            while let Some((_, name)) = names.next_if(|(first, _)| *first <= value) {
                sections.push((self.instructions.len(), name.clone()));
            }
            if is_live {
                self.emit(value);
            }
        }
        sections
    }

    fn emit(&mut self, value: Value) {
        let Definition::Op(operation, a, b) = self.builder.definitions[value] else {
            return;
        };
        let [from_a, from_b] =
            [a, b].map(|v| self.place[v].expect("Invariant: operands come first"));
        // An operand read here for the last time gives its register to the result.
        for operand in [a, b] {
            if self.last_use[operand] == Some(value) {
                self.last_use[operand] = None;
                self.free.extend(self.place[operand]);
            }
        }
        let result = self.place[value].unwrap_or_else(|| {
            self.free.pop().unwrap_or_else(|| {
                self.next += 1;
                self.next - 1
            })
        });
        self.place[value] = Some(result);
        self.instructions.push(Instruction {
            operation,
            result,
            a: from_a,
            b: from_b,
        });
    }
}
