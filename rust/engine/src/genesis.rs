//! The first state of a venue (docs/spec/state.md § 9).

use thiserror::Error;
use zkperp_field::P;
use zkperp_schema::{self as schema, Side};

use crate::command::KeyLimbs;
use crate::config::{Config, Schedule};
use crate::level::{BookId, FieldError, Level};
use crate::market::Market;
use crate::market_params::{MarketError, MarketParams};
use crate::message::Domain;
use crate::state::{Clock, State};

/// What a venue is made from. Anyone can compute the first root from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueParams {
    /// Chain and contract.
    pub domain: Domain,
    /// Program time at the start, ms since 1970.
    pub start_time_ms: u64,
    /// Greatest age of an oracle's report that counts, ms, 1 .. 2^30 − 1.
    pub staleness_ms: u64,
    /// A market whose last tick is older is overdue, ms, 1 .. 2^30 − 1.
    pub tick_max_ms: u64,
    /// Reports that must agree, 1 .. the number of oracle keys.
    pub quorum: u64,
    /// How far from the median a report agrees, ppm, 0 .. 10^6.
    pub deviation_ppm: u64,
    /// Bound of the basis, ppm, 0 .. 10^6.
    pub basis_cap_ppm: u64,
    /// Memory of the basis, ms, 1 .. 2^30 − 1.
    pub basis_window_ms: u64,
    /// The oracles' public keys, 1 .. 8.
    pub oracle_keys: Vec<KeyLimbs>,
    /// The public key of the fund's account; all zeros: nobody trades for it.
    pub fund_key: KeyLimbs,
    /// Markets, numbered from 0; at most 32.
    pub markets: Vec<MarketParams>,
}

/// Parameters that no venue can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VenueError {
    /// The start time is past the greatest time.
    #[error("the start time is out of range")]
    StartTime,
    /// A parameter of the whole venue.
    #[error(transparent)]
    Config(#[from] FieldError),
    /// There are none, or more than 8.
    #[error("{0} oracle keys are not 1 to 8")]
    OracleKeys(usize),
    /// An oracle's key has a limb that is no felt, or is all zeros.
    #[error("the key of oracle {0} is not a public key's encoding")]
    OracleKey(usize),
    /// The fund's key has a limb that is no felt.
    #[error("the fund's key is not a public key's encoding")]
    FundKey,
    /// There are more than 32 markets.
    #[error("{0} markets are more than 32")]
    TooManyMarkets(usize),
    /// A market's parameters.
    #[error("market {market}: {error}")]
    Market {
        /// Its number.
        market: usize,
        /// What is wrong.
        error: MarketError,
    },
}

impl VenueParams {
    fn config(&self) -> Result<Config, VenueError> {
        let oracles = self.oracle_keys.len();
        if oracles == 0 || oracles as u64 > schema::ORACLE_KEYS_MAX {
            return Err(VenueError::OracleKeys(oracles));
        }
        if self.markets.len() as u64 > schema::MARKETS_MAX {
            return Err(VenueError::TooManyMarkets(self.markets.len()));
        }
        let config = Config {
            staleness_ms: self.staleness_ms,
            tick_max_ms: self.tick_max_ms,
            quorum: self.quorum,
            deviation_ppm: self.deviation_ppm,
            oracles: u8::MAX >> (schema::ORACLE_KEYS_MAX as usize - oracles),
            markets: self.markets.len() as u8,
            basis_cap_ppm: self.basis_cap_ppm,
            basis_window_ms: self.basis_window_ms,
        };
        config.check()?;
        Ok(config)
    }
}

impl State {
    /// The first state of a venue.
    ///
    /// # Errors
    /// [`VenueError`].
    pub fn genesis(venue: &VenueParams) -> Result<Self, VenueError> {
        if venue.start_time_ms > schema::TIME_MAX {
            return Err(VenueError::StartTime);
        }
        let config = venue.config()?;
        let mut state = Self::empty(venue.domain, config);
        state.clock = Clock::new([0, venue.start_time_ms, 1, 0]);
        state.schedule = Schedule::starting(venue.start_time_ms);
        for (at, key) in venue.oracle_keys.iter().enumerate() {
            if *key == [0; 5] || key.iter().any(|&limb| limb >= P) {
                return Err(VenueError::OracleKey(at));
            }
            state.oracle_keys[at] = Some(*key);
        }
        state.open_fund(venue.fund_key)?;
        for (market, params) in venue.markets.iter().enumerate() {
            params
                .check()
                .map_err(|error| VenueError::Market { market, error })?;
            state.markets[market] = Market::new(params, venue.start_time_ms);
            for side in [Side::Bid, Side::Ask] {
                let book = BookId::new(market as u8, side);
                let [head, tail] = Level::sentinels(book);
                state.books.levels[book.head() as usize] = head;
                state.books.levels[book.tail() as usize] = tail;
            }
        }
        Ok(state)
    }

    /// Opens the fund's account, which the venue begins with.
    fn open_fund(&mut self, key: KeyLimbs) -> Result<(), VenueError> {
        if key.iter().any(|&limb| limb >= P) {
            return Err(VenueError::FundKey);
        }
        self.accounts.open_fund(key);
        Ok(())
    }
}
