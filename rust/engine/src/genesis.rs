//! The first state of a venue (docs/spec/state.md § 9).

use thiserror::Error;
use zkperp_field::P;
use zkperp_schema::{self as schema, Side};

use crate::command::KeyLimbs;
use crate::level::{BookId, Level};
use crate::market::{Market, MarketError, MarketParams};
use crate::message::Domain;
use crate::state::{Clock, State};

/// What a venue is made from. Anyone can compute the first root from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueParams {
    /// Chain and contract.
    pub domain: Domain,
    /// Program time at the start, ms since 1970.
    pub start_time_ms: u64,
    /// Greatest age of a fresh price, ms, 1 .. 2^30 − 1.
    pub staleness_ms: u64,
    /// The oracle's public key.
    pub oracle_key: KeyLimbs,
    /// Markets, numbered from 0; at most 32.
    pub markets: Vec<MarketParams>,
}

/// Parameters that no venue can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VenueError {
    /// The start time is past the greatest time.
    #[error("the start time is out of range")]
    StartTime,
    /// `staleness_ms` is 0 or too great.
    #[error("staleness_ms is out of range")]
    Staleness,
    /// The oracle's key has a limb that is no felt, or is all zeros.
    #[error("the oracle's key is not a public key's encoding")]
    OracleKey,
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

impl State {
    /// The first state of a venue.
    ///
    /// # Errors
    /// [`VenueError`].
    pub fn genesis(venue: &VenueParams) -> Result<Self, VenueError> {
        if venue.start_time_ms > schema::TIME_MAX {
            return Err(VenueError::StartTime);
        }
        if venue.staleness_ms == 0 || venue.staleness_ms > schema::STALENESS_MS_MAX {
            return Err(VenueError::Staleness);
        }
        let key = venue.oracle_key;
        if key == [0; 5] || key.iter().any(|&limb| limb >= P) {
            return Err(VenueError::OracleKey);
        }
        if venue.markets.len() as u64 > schema::MARKETS_MAX {
            return Err(VenueError::TooManyMarkets(venue.markets.len()));
        }
        let mut state = Self::empty(venue.domain, venue.markets.len());
        state.clock = Clock::new([0, venue.start_time_ms, 1, 0]);
        state.staleness_ms = venue.staleness_ms;
        state.oracle_keys[0] = Some(key);
        for (market, params) in venue.markets.iter().enumerate() {
            params
                .check()
                .map_err(|error| VenueError::Market { market, error })?;
            state.markets[market] = Some(Market {
                params: *params,
                mark_ticks: 0,
                mark_time_ms: 0,
            });
            for side in [Side::Bid, Side::Ask] {
                let book = BookId::new(market as u8, side);
                let [head, tail] = Level::sentinels(book);
                state.books.levels[book.head() as usize] = head;
                state.books.levels[book.tail() as usize] = tail;
            }
        }
        Ok(state)
    }
}
