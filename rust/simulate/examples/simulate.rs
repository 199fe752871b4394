//! Runs a scenario and prints its report as JSON: `cargo run --release -p zkperp-simulate --example
//! simulate -- crash 1000 1`, and further the depth and the fund in ppm.

use std::error::Error;

use zkperp_simulate::{Options, simulate};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let mut next = |otherwise: &str| args.next().unwrap_or_else(|| otherwise.to_owned());
    let options = Options {
        scenario: next("crash"),
        accounts: next("1000").parse()?,
        seed: next("1").parse()?,
        depth_ppm: next("").parse().ok(),
        fund_ppm: next("").parse().ok(),
    };
    let report = simulate(&options, |_, _| true)?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}
