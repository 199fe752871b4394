//! What a venue is made from, as text: whoever has it computes the venue's first root.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zkperp_engine::{
    DigestWords, Domain, Engine, KeyLimbs, MarketParams, RequestWords, VenueError, VenueParams,
    address_words,
};
use zkperp_flow::Keys;

/// Greatest age of a fresh price on the built-in devnet, ms.
const DEVNET_STALENESS_MS: u64 = 60_000;
/// Names of the built-in devnet's markets. BTC-USD: tick 0.1 USD, lot 0.00001 BTC; ETH-USD: tick
/// 0.01 USD, lot 0.0001 ETH.
pub const DEVNET_MARKETS: [&str; 2] = ["BTC-USD", "ETH-USD"];
/// Parameters of both.
const DEVNET_MARKET: MarketParams = MarketParams {
    multiplier: 1,
    imf_ppm: 50_000,
    taker_ppm: 450,
    maker_ppm: -50,
    price_max: (1 << 24) - 1,
    lots_max: 1 << 28,
};

/// A market of a venue; `zkperp_engine::MarketParams` says what the numbers mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields of MarketParams")]
pub struct MarketEntry {
    /// How people call it; not part of the state.
    pub name: String,
    pub multiplier: u64,
    pub imf_ppm: u64,
    pub taker_ppm: u64,
    pub maker_ppm: i64,
    pub price_max: u64,
    pub lots_max: u64,
}

/// All that the first state is made from but chain and contract, which are not part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// Program time at the start, ms since 1970.
    pub start_time_ms: u64,
    /// Greatest age of a fresh price, ms.
    pub staleness_ms: u64,
    /// The oracle's public key: five felts as decimal strings.
    pub oracle_key: [String; 5],
    /// The markets, numbered from 0.
    pub markets: Vec<MarketEntry>,
}

/// A text that is no venue's.
#[derive(Debug, Error)]
pub enum GenesisError {
    /// Not of its form.
    #[error("genesis: {0}")]
    Form(#[from] serde_json::Error),
    /// A limb of the oracle's key is no 64-bit number.
    #[error("genesis: oracle_key: {0} is no number")]
    OracleKey(String),
    /// The chain's id is too large for a message.
    #[error("chain id {0} is too large")]
    ChainId(u64),
    /// Parameters that no venue can have.
    #[error("genesis: {0}")]
    Venue(#[from] VenueError),
}

impl Genesis {
    /// The built-in devnet's, with the keys of a seed.
    #[must_use]
    pub fn devnet(seed: u64, start_time_ms: u64) -> Self {
        let market = |name: &str| MarketEntry {
            name: name.to_owned(),
            multiplier: DEVNET_MARKET.multiplier,
            imf_ppm: DEVNET_MARKET.imf_ppm,
            taker_ppm: DEVNET_MARKET.taker_ppm,
            maker_ppm: DEVNET_MARKET.maker_ppm,
            price_max: DEVNET_MARKET.price_max,
            lots_max: DEVNET_MARKET.lots_max,
        };
        Self {
            start_time_ms,
            staleness_ms: DEVNET_STALENESS_MS,
            oracle_key: Keys::new(seed, 0).oracle().map(|limb| limb.to_string()),
            markets: DEVNET_MARKETS.into_iter().map(market).collect(),
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`GenesisError::Form`].
    pub fn from_json(text: &str) -> Result<Self, GenesisError> {
        Ok(serde_json::from_str(text)?)
    }

    /// Number of the market of that name.
    #[must_use]
    pub fn market(&self, name: &str) -> Option<u8> {
        let at = self.markets.iter().position(|market| market.name == name)?;
        u8::try_from(at).ok()
    }

    fn params(&self, domain: Domain) -> Result<VenueParams, GenesisError> {
        let mut oracle_key: KeyLimbs = [0; 5];
        for (limb, text) in oracle_key.iter_mut().zip(&self.oracle_key) {
            let parsed = text.parse();
            *limb = parsed.map_err(|_| GenesisError::OracleKey(text.clone()))?;
        }
        let markets = self.markets.iter().map(|market| MarketParams {
            multiplier: market.multiplier,
            imf_ppm: market.imf_ppm,
            taker_ppm: market.taker_ppm,
            maker_ppm: market.maker_ppm,
            price_max: market.price_max,
            lots_max: market.lots_max,
        });
        Ok(VenueParams {
            domain,
            start_time_ms: self.start_time_ms,
            staleness_ms: self.staleness_ms,
            oracle_key,
            markets: markets.collect(),
        })
    }

    /// The venue before its first command.
    ///
    /// # Errors
    /// [`GenesisError`] for parameters that no venue can have.
    pub fn engine(&self, chain_id: u64, rollup: &[u8; 20]) -> Result<Engine, GenesisError> {
        let domain = Domain::new(chain_id, rollup).ok_or(GenesisError::ChainId(chain_id))?;
        Ok(Engine::genesis(&self.params(domain)?)?)
    }

    /// Its root, four felts.
    ///
    /// # Errors
    /// [`GenesisError`] for parameters that no venue can have.
    pub fn root(&self) -> Result<DigestWords, GenesisError> {
        Ok(self.engine(0, &[0; 20])?.root())
    }
}

/// The deposit requests of accounts 1, 2, … of these owners, each with its key of the seed.
#[must_use]
pub fn deposits(seed: u64, owners: &[[u8; 20]], amount_micro: u64) -> Vec<RequestWords> {
    let keys = Keys::new(seed, owners.len() as u32);
    let accounts = (1..).zip(owners);
    accounts
        .filter_map(|(account, owner)| keys.deposit(account, address_words(owner), amount_micro))
        .collect()
}
