//! The vectors of liquidation (`tests/vectors/formulas`) through the functions of the batch program.

use serde_json::Value;
use zkperp_engine::leaf::from_signed;
use zkperp_field::F;

use crate::formulas::{cases, felt, integer, run};

/// The program's numbers of its formulas.
const KEY: u64 = 12;
const DUE: u64 = 13;
const LIQUIDATION: u64 = 14;
const TAKEOVER: u64 = 15;
const DELEVERAGE: u64 = 16;
const FUND_CLOSING: u64 = 17;

fn felts(value: &Value, names: &[&str]) -> Vec<F> {
    names
        .iter()
        .map(|name| felt(integer(&value[name])))
        .collect()
}

/// The words that the program puts out; a name that the case lacks is 0.
fn words(value: &Value, names: &[&str]) -> Vec<u64> {
    let word = |name: &&str| {
        value
            .get(name)
            .map_or(0, |value| from_signed(integer(value)))
    };
    names.iter().map(word).collect()
}

/// One run of the formula; the case's name if it fails.
fn holds(formula: u64, case: &Value, advice: Vec<F>, expected: &[u64]) {
    let got = run(formula, 1, advice).unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
    assert_eq!(got, expected, "{}", case["name"]);
}

#[test]
fn key() {
    for case in cases("key") {
        let (input, output) = (&case["input"], &case["output"]);
        let positions = input["positions"].as_array().unwrap();
        let notional =
            |position: &Value| integer(&position["size"]).abs() * integer(&position["mark_value"]);
        let notional: i64 = positions.iter().map(notional).sum();
        let triggers = output["triggers"].as_array().unwrap();
        for (position, trigger) in positions.iter().zip(triggers) {
            let mut advice = felts(input, &["maintenance"]);
            advice.push(felt(notional));
            advice.extend(felts(
                position,
                &["size", "mark_value", "mmf_ppm", "funding"],
            ));
            let expected = [
                words(output, &["ratio"]),
                words(trigger, &["value", "trigger", "use"]),
            ];
            holds(KEY, &case, advice, &expected.concat());
        }
    }
}

#[test]
fn due() {
    for case in cases("due") {
        let keys = ["a", "b"].map(|one| felts(&case["input"][one], &["account", "tav", "mmr"]));
        let expected = words(&case["output"], &["before"]);
        holds(DUE, &case, keys.concat(), &expected);
    }
}

#[test]
fn liquidation() {
    for case in cases("liquidation") {
        let inputs = [
            "tav",
            "mmr",
            "size",
            "mark_value",
            "mmf_ppm",
            "price",
            "multiplier",
            "maker_lots",
            "liquidation_ppm",
            "bonus_ppm",
        ];
        let outputs = ["zero", "loss", "lots", "notional", "fee", "bonus"];
        let advice = felts(&case["input"], &inputs);
        holds(
            LIQUIDATION,
            &case,
            advice,
            &words(&case["output"], &outputs),
        );
    }
}

#[test]
fn takeover() {
    for case in cases("takeover") {
        let inputs = [
            "tav",
            "mmr",
            "closeout",
            "position_mmr",
            "size",
            "mark_value",
            "mmf_ppm",
            "cmf_ppm",
        ];
        let expected = words(&case["output"], &["lots", "loss", "quote"]);
        holds(TAKEOVER, &case, felts(&case["input"], &inputs), &expected);
    }
}

#[test]
fn fund_closing() {
    for case in cases("fund_closing") {
        let inputs = ["tav", "mmr", "position_mmr", "size", "mark_value"];
        let expected = words(&case["output"], &["lots", "loss", "quote"]);
        holds(
            FUND_CLOSING,
            &case,
            felts(&case["input"], &inputs),
            &expected,
        );
    }
}

#[test]
fn deleverage() {
    for case in cases("deleverage") {
        for step in case["output"]["steps"].as_array().unwrap() {
            let mut advice = felts(&case["input"], &["lots", "quote", "total"]);
            advice.extend(felts(step, &["visited"]));
            holds(DELEVERAGE, &case, advice, &words(step, &["closed", "paid"]));
        }
    }
}
