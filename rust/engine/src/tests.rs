//! A small venue for tests that lower the engine's own limits, which no command reaches.

use zkperp_schema::{self as schema, Refusal};

use crate::books::SlotLimits;
use crate::command::Outcome;
use crate::effects::Effects;
use crate::state::State;
use crate::{
    Command, Domain, Envelope, MarketParams, OracleEntry, OracleReport, PricingParams, Recorded,
    Request, Sender, TierParams, VenueParams,
};

/// A funded account at a venue with few slots; prices at 100.
pub(crate) fn venue(limits: SlotLimits) -> State {
    let market = MarketParams {
        multiplier: 1,
        price_max: 1000,
        lots_max: 1000,
        lots_min: 1,
        taker_ppm: 0,
        maker_ppm: 0,
        oi_max: 1 << 20,
        pricing: PricingParams {
            impact_quote: 1 << 40,
            band_ppm: 1_000_000,
            ..PricingParams::default()
        },
        tiers: vec![TierParams {
            lots_upto: 1000,
            imf_ppm: 100_000,
            mmf_ppm: 50_000,
            cmf_ppm: 50_000,
        }],
    };
    let mut state = State::genesis(&VenueParams {
        domain: Domain::new(1, &[1; 20]).unwrap(),
        start_time_ms: 1000,
        staleness_ms: 1000,
        tick_max_ms: 1000,
        quorum: 1,
        deviation_ppm: 0,
        basis_cap_ppm: 0,
        basis_window_ms: 1000,
        fund_key: [0; 5],
        oracle_keys: vec![[1; 5]],
        markets: vec![market],
    })
    .unwrap();
    let mut words = [0; schema::REQUEST_WORDS as usize];
    words[..6].copy_from_slice(&[1, 1, 1, 0, 0, 1_000_000]);
    let request = Request { number: 0, words };
    apply(&mut state, Command::Request(request)).unwrap();
    let report = OracleReport {
        key: 0,
        timestamp_ms: 1000,
        entries: vec![OracleEntry {
            market: 0,
            price_ticks: 100,
        }],
    };
    apply(&mut state, Command::Oracle(report)).unwrap();
    apply(&mut state, Command::Tick { market: 0 }).unwrap();
    let at = state.accounts.find(1).unwrap();
    state.accounts.key_mut(&mut state.journal, at, 0).limbs = [1; 5];
    state.books.limits = limits;
    state
}

pub(crate) fn apply(state: &mut State, command: Command) -> Result<Outcome, Refusal> {
    let envelope = Envelope {
        time_ms: 1000,
        command,
        signature: None,
    };
    let result = state.apply(&envelope, &Recorded(true), &mut Effects::new());
    state.check().unwrap();
    result
}

pub(crate) fn sender(state: &State) -> Sender {
    Sender {
        account: 1,
        key: 0,
        nonce: state.nonce(1, 0) + 1,
        valid_until_ms: 2000,
    }
}
