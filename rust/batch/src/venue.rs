//! What a venue is made from, as text: whoever has it computes the venue's first root.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use zkperp_engine::{
    DigestWords, Domain, Engine, KeyLimbs, MarketParams, PricingParams, RequestWords, TierParams,
    VenueError, VenueParams, address_words,
};
use zkperp_flow::{DEVNET_MARKETS, Keys, ORACLE_KEYS, devnet};

/// A margin tier of a market (docs/spec/margin.md § 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierEntry {
    /// Greatest position of the tier, lots.
    pub lots_upto: u64,
    /// Initial margin fraction, ppm of notional.
    pub imf_ppm: u64,
    /// Maintenance margin fraction, ppm.
    pub mmf_ppm: u64,
    /// Close-out margin fraction, ppm.
    pub cmf_ppm: u64,
}

/// A market of a venue (docs/spec/state.md § 3 has the ranges).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MarketEntry {
    /// How people call it; not part of the state.
    pub name: String,
    /// Micro-USDC of one lot at one tick.
    pub multiplier: u64,
    /// Greatest price, ticks.
    pub price_max: u64,
    /// Greatest order, lots.
    pub lots_max: u64,
    /// Least order, lots; reduce-only ones may be smaller.
    pub lots_min: u64,
    /// Taker fee, ppm of notional.
    pub taker_ppm: u64,
    /// Maker fee, ppm; below 0 a rebate.
    pub maker_ppm: i64,
    /// Open interest may not grow past it; both sides count, lots.
    pub oi_max: u64,
    /// What an impact price trades, ticks · lots.
    pub impact_quote: u64,
    /// How far from the mark an order's price may be on the far side, ppm.
    pub band_ppm: u64,
    /// Interest in the funding rate of 8 hours, ppm.
    pub interest_ppm: u64,
    /// How far the interest may move that rate, ppm.
    pub clamp_ppm: u64,
    /// Greatest funding rate of 8 hours, ppm.
    pub rate_max_ppm: u64,
    /// Fee of a liquidation, ppm of notional, where the account's loss leaves room for it.
    pub liquidation_ppm: u64,
    /// What of that fee the maker gets at most, ppm of notional.
    pub bonus_ppm: u64,
    /// 1 to 4 margin tiers by size of position.
    pub tiers: Vec<TierEntry>,
}

/// All that the first state is made from but chain and contract, which are not part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Genesis {
    /// Program time at the start, ms since 1970.
    pub start_time_ms: u64,
    /// Greatest age of an oracle's report that counts, ms.
    pub staleness_ms: u64,
    /// A market whose last tick is older is overdue, ms.
    pub tick_max_ms: u64,
    /// Oracle reports that must agree.
    pub quorum: u64,
    /// How far from the median a report agrees, ppm.
    pub deviation_ppm: u64,
    /// Bound of the basis, ppm.
    pub basis_cap_ppm: u64,
    /// Memory of the basis, ms.
    pub basis_window_ms: u64,
    /// The oracles' public keys: five felts as decimal strings each.
    pub oracle_keys: Vec<[String; 5]>,
    /// The key that trades for the insurance fund, likewise; zeros: nobody does.
    pub fund_key: [String; 5],
    /// The markets, numbered from 0.
    pub markets: Vec<MarketEntry>,
}

/// A text that is no venue's.
#[derive(Debug, Error)]
pub enum GenesisError {
    /// Not of its form.
    #[error("genesis: {0}")]
    Form(#[from] serde_json::Error),
    /// A part of it is not of its form.
    #[error("genesis: {part}: {source}")]
    Part {
        /// Which, as `markets[0]`.
        part: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A limb of a public key is no 64-bit number.
    #[error("genesis: {key}: {text} is no number")]
    Key {
        /// Which key, as `oracle_keys[0]`.
        key: String,
        /// The limb.
        text: String,
    },
    /// The chain's id is too large for a message.
    #[error("chain id {0} is too large")]
    ChainId(u64),
    /// Parameters that no venue can have.
    #[error("genesis: {0}")]
    Venue(#[from] VenueError),
}

/// The text's outer form; lists are read item by item, so that an error says which one it is in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GenesisForm {
    start_time_ms: u64,
    staleness_ms: u64,
    tick_max_ms: u64,
    quorum: u64,
    deviation_ppm: u64,
    basis_cap_ppm: u64,
    basis_window_ms: u64,
    oracle_keys: Vec<Value>,
    fund_key: [String; 5],
    markets: Vec<Value>,
}

/// A market's form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MarketForm {
    name: String,
    multiplier: u64,
    price_max: u64,
    lots_max: u64,
    lots_min: u64,
    taker_ppm: u64,
    maker_ppm: i64,
    oi_max: u64,
    impact_quote: u64,
    band_ppm: u64,
    interest_ppm: u64,
    clamp_ppm: u64,
    rate_max_ppm: u64,
    liquidation_ppm: u64,
    bonus_ppm: u64,
    tiers: Vec<Value>,
}

/// Reads the items of a list.
fn items<T: DeserializeOwned>(list: &str, values: Vec<Value>) -> Result<Vec<T>, GenesisError> {
    let values = values.into_iter().enumerate();
    let read = values.map(|(at, value)| {
        serde_json::from_value(value).map_err(|source| GenesisError::Part {
            part: format!("{list}[{at}]"),
            source,
        })
    });
    read.collect()
}

/// Reads a public key.
fn limbs(key: String, texts: &[String; 5]) -> Result<KeyLimbs, GenesisError> {
    let mut limbs: KeyLimbs = [0; 5];
    for (limb, text) in limbs.iter_mut().zip(texts) {
        let Ok(number) = text.parse() else {
            let text = text.clone();
            return Err(GenesisError::Key { key, text });
        };
        *limb = number;
    }
    Ok(limbs)
}

impl MarketForm {
    fn entry(self, at: usize) -> Result<MarketEntry, GenesisError> {
        Ok(MarketEntry {
            name: self.name,
            multiplier: self.multiplier,
            price_max: self.price_max,
            lots_max: self.lots_max,
            lots_min: self.lots_min,
            taker_ppm: self.taker_ppm,
            maker_ppm: self.maker_ppm,
            oi_max: self.oi_max,
            impact_quote: self.impact_quote,
            band_ppm: self.band_ppm,
            interest_ppm: self.interest_ppm,
            clamp_ppm: self.clamp_ppm,
            rate_max_ppm: self.rate_max_ppm,
            liquidation_ppm: self.liquidation_ppm,
            bonus_ppm: self.bonus_ppm,
            tiers: items(&format!("markets[{at}].tiers"), self.tiers)?,
        })
    }
}

impl MarketEntry {
    fn of(market: &MarketParams, name: &str) -> Self {
        let tiers = market.tiers.iter().map(|tier| TierEntry {
            lots_upto: tier.lots_upto,
            imf_ppm: tier.imf_ppm,
            mmf_ppm: tier.mmf_ppm,
            cmf_ppm: tier.cmf_ppm,
        });
        Self {
            name: name.to_owned(),
            multiplier: market.multiplier,
            price_max: market.price_max,
            lots_max: market.lots_max,
            lots_min: market.lots_min,
            taker_ppm: market.taker_ppm,
            maker_ppm: market.maker_ppm,
            oi_max: market.oi_max,
            impact_quote: market.pricing.impact_quote,
            band_ppm: market.pricing.band_ppm,
            interest_ppm: market.pricing.interest_ppm,
            clamp_ppm: market.pricing.clamp_ppm,
            rate_max_ppm: market.pricing.rate_max_ppm,
            liquidation_ppm: market.pricing.liquidation_ppm,
            bonus_ppm: market.pricing.bonus_ppm,
            tiers: tiers.collect(),
        }
    }

    fn params(&self) -> MarketParams {
        let tiers = self.tiers.iter().map(|tier| TierParams {
            lots_upto: tier.lots_upto,
            imf_ppm: tier.imf_ppm,
            mmf_ppm: tier.mmf_ppm,
            cmf_ppm: tier.cmf_ppm,
        });
        MarketParams {
            multiplier: self.multiplier,
            price_max: self.price_max,
            lots_max: self.lots_max,
            lots_min: self.lots_min,
            taker_ppm: self.taker_ppm,
            maker_ppm: self.maker_ppm,
            oi_max: self.oi_max,
            pricing: PricingParams {
                impact_quote: self.impact_quote,
                band_ppm: self.band_ppm,
                interest_ppm: self.interest_ppm,
                clamp_ppm: self.clamp_ppm,
                rate_max_ppm: self.rate_max_ppm,
                liquidation_ppm: self.liquidation_ppm,
                bonus_ppm: self.bonus_ppm,
            },
            tiers: tiers.collect(),
        }
    }
}

impl Genesis {
    /// The built-in devnet's, with the keys of a seed.
    #[must_use]
    pub fn devnet(seed: u64, start_time_ms: u64) -> Self {
        let nowhere = Domain {
            chain_id: 0,
            rollup: [0; 3],
        };
        let keys = Keys::new(seed, 0, ORACLE_KEYS);
        Self::of(&devnet(nowhere, start_time_ms, &keys), &DEVNET_MARKETS)
    }

    /// What a venue is made from, with its markets' names.
    fn of(venue: &VenueParams, names: &[&str]) -> Self {
        let text = |key: &KeyLimbs| key.map(|limb| limb.to_string());
        let markets = venue.markets.iter().zip(names);
        Self {
            start_time_ms: venue.start_time_ms,
            staleness_ms: venue.staleness_ms,
            tick_max_ms: venue.tick_max_ms,
            quorum: venue.quorum,
            deviation_ppm: venue.deviation_ppm,
            basis_cap_ppm: venue.basis_cap_ppm,
            basis_window_ms: venue.basis_window_ms,
            oracle_keys: venue.oracle_keys.iter().map(text).collect(),
            fund_key: text(&venue.fund_key),
            markets: markets
                .map(|(market, name)| MarketEntry::of(market, name))
                .collect(),
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`GenesisError::Form`] and [`GenesisError::Part`], which name the field.
    pub fn from_json(text: &str) -> Result<Self, GenesisError> {
        let form: GenesisForm = serde_json::from_str(text)?;
        let markets: Vec<MarketForm> = items("markets", form.markets)?;
        let markets = markets.into_iter().enumerate();
        Ok(Self {
            start_time_ms: form.start_time_ms,
            staleness_ms: form.staleness_ms,
            tick_max_ms: form.tick_max_ms,
            quorum: form.quorum,
            deviation_ppm: form.deviation_ppm,
            basis_cap_ppm: form.basis_cap_ppm,
            basis_window_ms: form.basis_window_ms,
            oracle_keys: items("oracle_keys", form.oracle_keys)?,
            fund_key: form.fund_key,
            markets: markets
                .map(|(at, market)| market.entry(at))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Number of the market of that name.
    #[must_use]
    pub fn market(&self, name: &str) -> Option<u8> {
        let at = self.markets.iter().position(|market| market.name == name)?;
        u8::try_from(at).ok()
    }

    fn params(&self, domain: Domain) -> Result<VenueParams, GenesisError> {
        let keys = self.oracle_keys.iter().enumerate();
        let oracle_keys = keys
            .map(|(number, texts)| limbs(format!("oracle_keys[{number}]"), texts))
            .collect::<Result<_, _>>()?;
        Ok(VenueParams {
            domain,
            start_time_ms: self.start_time_ms,
            staleness_ms: self.staleness_ms,
            tick_max_ms: self.tick_max_ms,
            quorum: self.quorum,
            deviation_ppm: self.deviation_ppm,
            basis_cap_ppm: self.basis_cap_ppm,
            basis_window_ms: self.basis_window_ms,
            oracle_keys,
            fund_key: limbs("fund_key".to_owned(), &self.fund_key)?,
            markets: self.markets.iter().map(MarketEntry::params).collect(),
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
    let keys = Keys::new(seed, owners.len() as u32, 0);
    let accounts = (1..).zip(owners);
    accounts
        .filter_map(|(account, owner)| keys.deposit(account, address_words(owner), amount_micro))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(change: impl FnOnce(&mut Value)) -> Result<DigestWords, String> {
        let mut json = serde_json::to_value(Genesis::devnet(1, 5)).expect("JSON");
        change(&mut json);
        let genesis = Genesis::from_json(&json.to_string()).map_err(|e| e.to_string())?;
        genesis.root().map_err(|e| e.to_string())
    }

    #[test]
    fn a_genesis_as_text_is_the_same_again() {
        let genesis = Genesis::devnet(1, 5);
        let text = serde_json::to_string(&genesis).expect("JSON");
        assert_eq!(Genesis::from_json(&text).expect("a genesis"), genesis);
        assert_eq!(changed(|_| {}), Ok(genesis.root().expect("a root")));
    }

    #[test]
    fn every_field_makes_another_root_and_none_may_be_missing() {
        let genesis = serde_json::to_value(Genesis::devnet(1, 5)).expect("JSON");
        let root = changed(|_| {}).expect("a root");
        for (part, object) in [
            ("", &genesis),
            ("/markets/1", &genesis["markets"][1]),
            ("/markets/0/tiers/2", &genesis["markets"][0]["tiers"][2]),
        ] {
            let fields = object.as_object().expect("an object");
            for name in fields.keys() {
                let missing = changed(|json| {
                    let object = json.pointer_mut(part).and_then(Value::as_object_mut);
                    object.expect("an object").remove(name);
                });
                let wrong = missing.expect_err(name);
                assert!(
                    wrong.contains(&format!("missing field `{name}`")),
                    "{wrong}"
                );
                // A multiplier is not below 1.
                if let Some(value) = fields[name].as_i64().filter(|&value| value != 1) {
                    let path = format!("{part}/{name}");
                    let other = changed(|json| {
                        *json.pointer_mut(&path).expect("a field") = (value - 1).into();
                    });
                    assert_ne!(other.expect(name), root, "{name}");
                }
            }
        }
    }

    #[test]
    fn an_error_says_where_it_is() {
        let unknown = changed(|json| json["markets"][1]["imf_ppm"] = 5.into());
        let unknown = unknown.expect_err("unknown");
        assert!(
            unknown.starts_with("genesis: markets[1]: unknown field `imf_ppm`"),
            "{unknown}"
        );
        let tier = changed(|json| json["markets"][0]["tiers"][1]["mmf_ppm"] = "x".into());
        let tier = tier.expect_err("no number");
        assert!(tier.starts_with("genesis: markets[0].tiers[1]: "), "{tier}");
        let key = changed(|json| json["oracle_keys"][2][4] = "x".into()).expect_err("no limb");
        assert_eq!(key, "genesis: oracle_keys[2]: x is no number");
        let fund = changed(|json| json["fund_key"][0] = "x".into()).expect_err("no limb");
        assert_eq!(fund, "genesis: fund_key: x is no number");
        let quorum = changed(|json| json["quorum"] = 4.into()).expect_err("too many");
        assert!(quorum.contains("quorum"), "{quorum}");
    }
}
