//! The program's functions, and where their instructions lie.

use std::collections::BTreeMap;

use zkperp_vm::Program;

/// The functions of a program, by ascending offset.
#[derive(Debug)]
pub(super) struct Functions {
    names: Vec<String>,
    /// The function of every word.
    of_word: Vec<usize>,
}

impl Functions {
    /// A program's functions: of its labels those that lie in no other. The words before the first
    /// are the program's start.
    pub(super) fn of(program: &Program) -> Self {
        let mut names = vec!["__start__".to_owned()];
        let mut starts = vec![0];
        for (offset, name) in program.labels() {
            let last = names.last().map_or("", String::as_str);
            let is_inner = name
                .strip_prefix(last)
                .is_some_and(|rest| rest.starts_with('.'));
            if !is_inner {
                names.push(name.clone());
                starts.push(*offset);
            }
        }
        let words = 0..program.words().len() as u32;
        let function = |word: u32| starts.partition_point(|start| *start <= word) - 1;
        Self {
            names,
            of_word: words.map(function).collect(),
        }
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// Number of the function that a word of the program belongs to.
    pub(super) fn at(&self, offset: u32) -> usize {
        self.of_word[offset as usize]
    }

    /// The steps of those that have any, by name.
    pub(super) fn named(&self, steps: &[u64]) -> BTreeMap<String, u64> {
        let named = self.names.iter().cloned().zip(steps.iter().copied());
        named.filter(|(_, steps)| *steps > 0).collect()
    }
}
