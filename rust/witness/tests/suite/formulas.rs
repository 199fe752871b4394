//! `tests/vectors/formulas` through the functions of the batch program (`circuits/programs/
//! formulas.cairo`). Formulas that stand inside a longer body there (fees, tiers, impact prices over
//! a book) are compared by whole commands, in `flow` and `edges`.

use std::collections::BTreeMap;

use serde_json::Value;
use zkperp_engine::leaf::from_signed;
use zkperp_field::{F, PrimeCharacteristicRing, PrimeField64};
use zkperp_schema as schema;
use zkperp_vm::{Input, Program, RunOptions, VmError};

use crate::support::{json, read};

/// The program's numbers of its formulas.
const PAID: u64 = 8;
const INDEX: u64 = 11;
/// (number, file, inputs in the program's order, outputs).
const FORMULAS: [(u64, &str, &[&str], &[&str]); 9] = [
    (
        1,
        "sample",
        &[
            "premium_sum",
            "premium_ppm",
            "sampled_ms",
            "now",
            "tick_max_ms",
        ],
        &["premium_sum"],
    ),
    (2, "premium", &["index", "bid", "ask"], &["premium_ppm"]),
    (
        3,
        "basis",
        &[
            "basis_ppm",
            "premium_ppm",
            "elapsed_ms",
            "basis_cap_ppm",
            "basis_window_ms",
        ],
        &["basis_ppm"],
    ),
    (
        4,
        "mark",
        &["index", "basis_ppm", "bid", "ask", "price_max"],
        &["mark"],
    ),
    (
        5,
        "bands",
        &["mark", "band_ppm", "price_max"],
        &["price_low", "price_high"],
    ),
    (
        6,
        "funding_rate",
        &[
            "premium_sum",
            "interest_ppm",
            "clamp_ppm",
            "rate_max_ppm",
            "index",
            "multiplier",
            "funding_max",
            "funding",
        ],
        &["rate_ppm", "funding"],
    ),
    (
        9,
        "position_sums",
        &[
            "size",
            "mark_value",
            "funding",
            "entry",
            "imf_ppm",
            "mmf_ppm",
            "cmf_ppm",
            "bias",
        ],
        &["tav", "initial", "maintenance", "closeout"],
    ),
    (
        10,
        "ratio",
        &["tav_before", "mmr_before", "tav_after", "mmr_after"],
        &["passes"],
    ),
    (7, "funding_max", &[], &["funding_max"]),
];

pub(crate) fn integer(value: &Value) -> i64 {
    value.as_str().unwrap().parse().unwrap()
}

pub(crate) fn felt(value: i64) -> F {
    F::from_u64(from_signed(value))
}

pub(crate) fn cases(file: &str) -> Vec<Value> {
    let vectors = json(&format!("tests/vectors/formulas/{file}.json"));
    vectors["cases"].as_array().unwrap().clone()
}

pub(crate) fn run(formula: u64, count: usize, advice: Vec<F>) -> Result<Vec<u64>, VmError> {
    let program = Program::from_json(&read("circuits/compiled/formulas.json")).unwrap();
    let named = [("formula", formula), ("count", count as u64)];
    let input = Input {
        named: BTreeMap::from(named.map(|(name, value)| (name.to_owned(), F::from_u64(value)))),
        advice,
        state: None,
        signatures: Vec::new(),
    };
    let run = zkperp_vm::run(&program, &input, &RunOptions::default())?;
    let output = run.output();
    Ok(output.iter().map(|felt| felt.as_canonical_u64()).collect())
}

#[test]
fn the_vectors_hold() {
    for (formula, file, inputs, outputs) in FORMULAS {
        let cases = cases(file);
        let advice = cases.iter().flat_map(|case| {
            let input = &case["input"];
            if file == "funding_max" {
                let bias = integer(&case["output"]["bias"]);
                let [price_max, multiplier] =
                    ["price_max", "multiplier"].map(|name| integer(&input[name]));
                return [bias, price_max, multiplier].map(felt).to_vec();
            }
            inputs
                .iter()
                .map(|name| felt(integer(&input[name])))
                .collect()
        });
        let got = run(formula, cases.len(), advice.collect()).unwrap();
        let expected = cases.iter().flat_map(|case| {
            let words = outputs
                .iter()
                .map(|name| from_signed(integer(&case["output"][name])));
            words.map(|word| (&case["name"], word)).collect::<Vec<_>>()
        });
        assert_eq!(got.len(), cases.len() * outputs.len(), "{file}");
        for (got, (name, expected)) in got.into_iter().zip(expected) {
            assert_eq!(got, expected, "{file}: {name}");
        }
    }
}

/// The bias is any that a market with such a position could have.
#[test]
fn paid() {
    let cases = cases("paid");
    let advice = cases.iter().flat_map(|case| {
        let [size, funding, entry] =
            ["size", "funding", "entry"].map(|name| integer(&case["input"][name]));
        let most = schema::BIAS_NOTIONAL / size.unsigned_abs().max(1);
        let bias = most.min(schema::BIAS_MAX) as i64;
        [size, funding, entry, bias].map(felt)
    });
    let got = run(PAID, cases.len(), advice.collect()).unwrap();
    for (got, case) in got.into_iter().zip(&cases) {
        let expected = from_signed(integer(&case["output"]["paid"]));
        assert_eq!(got, expected, "{}", case["name"]);
    }
}

/// The index by its quorum has a run; the median without a quorum, or any neighbour, has none.
#[test]
fn index() {
    for case in cases("index") {
        let (input, output) = (&case["input"], &case["output"]);
        let [now, staleness_ms, quorum, deviation_ppm] =
            ["now", "staleness_ms", "quorum", "deviation_ppm"].map(|name| integer(&input[name]));
        let reports = input["reports"].as_array().unwrap();
        let mut times: Vec<i64> = reports
            .iter()
            .flat_map(|report| ["price", "time"].map(|name| integer(&report[name])))
            .collect();
        times.resize(2 * schema::ORACLE_KEYS_MAX as usize, 0);
        let verdict = |index: i64| {
            let oracles = (1 << reports.len()) - 1;
            let front = [now, staleness_ms, quorum, deviation_ppm, index, oracles];
            let advice = front.iter().chain(&times).map(|&value| felt(value));
            run(INDEX, 1, advice.collect()).ok()
        };
        let [index, median, fresh] =
            ["index", "median", "fresh"].map(|name| integer(&output[name]));
        let name = &case["name"];
        if index == 0 {
            assert_eq!(verdict(median), None, "{name}");
        } else {
            let expected = Some([index, fresh].map(from_signed).to_vec());
            assert_eq!(verdict(index), expected, "{name}");
        }
        for other in [median - 1, median + 1, 0] {
            assert_eq!(verdict(other), None, "{name}: {other}");
        }
    }
}
