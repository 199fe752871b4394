//! Builtins: memory segments whose cells a table of the proof constrains.

/// A builtin, in canonical order: the order in which a program must list those it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Builtin {
    /// Public output; its segment is the tail of the public segment.
    Output,
    /// One cell `x` with `0 <= x < 2^62`.
    RangeCheck,
    /// Eight inputs, then eight outputs of the Poseidon2 permutation.
    Poseidon2,
    /// `(a, b, e, c, q, r)` with `a*b + e = q*c + r`, `0 <= r < c`, over the integers.
    Muldiv,
}

impl Builtin {
    /// All builtins in canonical order.
    pub const ALL: [Builtin; 4] = [
        Builtin::Output,
        Builtin::RangeCheck,
        Builtin::Poseidon2,
        Builtin::Muldiv,
    ];

    /// The name in `%builtins`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Builtin::Output => "output",
            Builtin::RangeCheck => "range_check",
            Builtin::Poseidon2 => "poseidon2",
            Builtin::Muldiv => "muldiv",
        }
    }

    /// The builtin of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|builtin| builtin.name() == name)
    }

    /// Memory cells of one instance.
    #[must_use]
    pub const fn cells(self) -> u32 {
        match self {
            Builtin::Output | Builtin::RangeCheck => 1,
            Builtin::Poseidon2 => 16,
            Builtin::Muldiv => 6,
        }
    }
}

impl std::fmt::Display for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
