//! The corpus of bad witnesses: for every constraint and every message of the machine, one that
//! the whole machine refuses and that it would accept without exactly that part.

mod support;
mod cpu;

use rayon::prelude::*;
use support::case::Case;

fn all_isolated(cases: Vec<Case>) {
    let failures: Vec<String> = cases.par_iter().filter_map(|case| case.check().err()).collect();
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn cpu_cases() {
    all_isolated(cpu::cases());
}
