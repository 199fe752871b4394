//! The scenarios: each is a script, a file of its own, and the same director runs all of them.

mod adl;
mod cascade;
mod crash;
mod funding;
mod gap;

use crate::makers::Quotes;
use crate::path::PricePath;
use crate::population::Population;

/// Names of all scenarios.
pub const SCENARIOS: [&str; 5] = ["crash", "cascade", "gap", "funding", "adl"];

/// What a scenario is.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) name: &'static str,
    /// A sentence for its report.
    pub(crate) about: &'static str,
    pub(crate) steps: u64,
    pub(crate) step_ms: u64,
    pub(crate) path: PricePath,
    pub(crate) population: Population,
    pub(crate) quotes: Quotes,
    /// Each side of each book at the beginning of a step, ppm of the market's opening lots.
    pub(crate) depth_ppm: u64,
    /// The fund's money, ppm of the opening notional.
    pub(crate) fund_ppm: u64,
    /// Whether the fund's owner sells what it took over, a part of the book in each step.
    pub(crate) fund_trades: bool,
}

/// A script by its name.
pub(crate) fn script(name: &str) -> Option<Script> {
    match name {
        "crash" => Some(crash::script()),
        "cascade" => Some(cascade::script()),
        "gap" => Some(gap::script()),
        "funding" => Some(funding::script()),
        "adl" => Some(adl::script()),
        _ => None,
    }
}

/// Makers that quote around the index, 5 to 40 basis points away.
const AROUND_THE_INDEX: Quotes = Quotes {
    half_spread_ppm: 500,
    gap_ppm: 500,
    middle_ppm: 1_000_000,
};
/// The second market falls a quarter more than the first.
const BETA_PPM: [i64; 2] = [1_000_000, 1_250_000];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_script() {
        for name in SCENARIOS {
            let script = script(name).expect("Invariant: the name is in the list");
            assert_eq!(script.name, name);
            assert!(script.path.anchors.is_sorted());
            assert_eq!(script.path.anchors[0].0, 0);
        }
        assert!(script("boom").is_none());
    }
}
