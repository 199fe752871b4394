//! The JSON of `tests/vectors/rules` (its README) as the engine's types, and back. Text from
//! outside: whatever is not of the format is an error. Commands are `rules_commands`'s.

use serde_json::{Map, Value, json};
use zkperp_engine::leaf::{LeafWords, from_signed};
use zkperp_engine::{
    Domain, Effects, Event, KeyLimbs, MarketParams, Outcome, PricingParams, SealedBatch,
    TierParams, VenueParams,
};

/// What is wrong with a text.
pub(crate) type Wrong = String;

pub(crate) fn number(name: &str, value: &Value) -> Result<u64, Wrong> {
    let text = value
        .as_str()
        .ok_or_else(|| format!("{name}: not a decimal string: {value}"))?;
    let wrong = |_| format!("{name}: not an integer of 64 bits: {text}");
    match text.strip_prefix('-') {
        Some(_) => text.parse().map(from_signed).map_err(wrong),
        None => text.parse().map_err(wrong),
    }
}

pub(crate) fn member<'a>(value: &'a Value, name: &str) -> Result<&'a Value, Wrong> {
    value.get(name).ok_or_else(|| format!("{name} is missing"))
}

pub(crate) fn field(value: &Value, name: &str) -> Result<u64, Wrong> {
    value.get(name).map_or(Ok(0), |found| number(name, found))
}

pub(crate) fn items<'a>(value: &'a Value, name: &str) -> Result<&'a Vec<Value>, Wrong> {
    let found = member(value, name)?.as_array();
    found.ok_or_else(|| format!("{name}: not a list"))
}

pub(crate) fn list<const N: usize>(value: &Value, name: &str) -> Result<[u64; N], Wrong> {
    numbers(items(value, name)?, name)
}

fn numbers<const N: usize>(items: &[Value], name: &str) -> Result<[u64; N], Wrong> {
    let words: Vec<u64> = items
        .iter()
        .map(|item| number(name, item))
        .collect::<Result<_, _>>()?;
    words
        .try_into()
        .map_err(|_| format!("{name}: not {N} numbers"))
}

pub(crate) fn bytes<const N: usize>(value: &Value, name: &str) -> Result<[u8; N], Wrong> {
    let wrong = || format!("{name}: not {N} bytes in hex");
    let text = member(value, name)?.as_str().ok_or_else(wrong)?;
    let digits = text.strip_prefix("0x").unwrap_or(text).as_bytes();
    let (pairs, rest) = digits.as_chunks::<2>();
    let mut out = [0; N];
    if pairs.len() != N || !rest.is_empty() {
        return Err(wrong());
    }
    for (byte, pair) in out.iter_mut().zip(pairs) {
        let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
    }
    Ok(out)
}

fn signed(value: &Value, name: &str) -> Result<i64, Wrong> {
    let text = member(value, name)?.as_str();
    let parsed = text.and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| format!("{name}: not a signed integer"))
}

fn tier(value: &Value) -> Result<TierParams, Wrong> {
    Ok(TierParams {
        lots_upto: field(value, "lots_upto")?,
        imf_ppm: field(value, "imf_ppm")?,
        mmf_ppm: field(value, "mmf_ppm")?,
        cmf_ppm: field(value, "cmf_ppm")?,
    })
}

fn market(value: &Value) -> Result<MarketParams, Wrong> {
    let tiers = items(value, "tiers")?.iter().map(tier);
    Ok(MarketParams {
        multiplier: field(value, "multiplier")?,
        price_max: field(value, "price_max")?,
        lots_max: field(value, "lots_max")?,
        lots_min: field(value, "lots_min")?,
        taker_ppm: field(value, "taker_ppm")?,
        maker_ppm: signed(value, "maker_ppm")?,
        oi_max: field(value, "oi_max")?,
        pricing: PricingParams {
            impact_quote: field(value, "impact_quote")?,
            band_ppm: field(value, "band_ppm")?,
            interest_ppm: field(value, "interest_ppm")?,
            clamp_ppm: field(value, "clamp_ppm")?,
            rate_max_ppm: field(value, "rate_max_ppm")?,
            liquidation_ppm: field(value, "liquidation_ppm")?,
            bonus_ppm: field(value, "bonus_ppm")?,
        },
        tiers: tiers.collect::<Result<_, _>>()?,
    })
}

/// `pre.venue`.
pub(crate) fn venue(value: &Value) -> Result<VenueParams, Wrong> {
    let key = |key: &Value| -> Result<KeyLimbs, Wrong> {
        let limbs = key.as_array().ok_or("oracle_keys: not a list of lists")?;
        numbers(limbs, "oracle_keys")
    };
    let domain = Domain::new(field(value, "chain_id")?, &bytes(value, "rollup")?);
    let oracle_keys = items(value, "oracle_keys")?.iter().map(key);
    let markets = items(value, "markets")?.iter().map(market);
    Ok(VenueParams {
        domain: domain.ok_or("chain_id is too large")?,
        start_time_ms: field(value, "start_time_ms")?,
        staleness_ms: field(value, "staleness_ms")?,
        tick_max_ms: field(value, "tick_max_ms")?,
        quorum: field(value, "quorum")?,
        deviation_ppm: field(value, "deviation_ppm")?,
        basis_cap_ppm: field(value, "basis_cap_ppm")?,
        basis_window_ms: field(value, "basis_window_ms")?,
        oracle_keys: oracle_keys.collect::<Result<_, _>>()?,
        fund_key: list(value, "fund_key")?,
        markets: markets.collect::<Result<_, _>>()?,
    })
}

fn strings(words: &[u64]) -> Value {
    words
        .iter()
        .map(|word| Value::String(word.to_string()))
        .collect()
}

/// Event fields whose sign is kept.
pub(crate) const SIGNED: [&str; 7] = [
    "maker_fee",
    "premium_ppm",
    "rate_ppm",
    "funding",
    "amount",
    "tav",
    "quote",
];

fn event(event: &Event) -> Value {
    let mut words = Vec::new();
    event.encode(&mut words);
    let kind = event.event_type();
    let mut members = Map::new();
    members.insert("type".to_owned(), Value::String(kind.name().to_owned()));
    for (name, &word) in kind.fields().iter().zip(&words[1..]) {
        let text = if SIGNED.contains(name) {
            zkperp_engine::leaf::to_signed(word).map_or_else(|| word.to_string(), |n| n.to_string())
        } else {
            word.to_string()
        };
        members.insert((*name).to_owned(), Value::String(text));
    }
    Value::Object(members)
}

/// `post` of an accepted step.
pub(crate) fn post(outcome: Outcome, effects: &Effects, changed: &[(u64, LeafWords)]) -> Value {
    let withdrawals: Vec<u64> = effects.withdrawals.iter().flat_map(|w| w.words()).collect();
    let leaf = |(addr, leaf): &(u64, LeafWords)| json!({ "addr": addr.to_string(), "leaf": strings(leaf) });
    json!({
        "events": effects.events.iter().map(event).collect::<Vec<_>>(),
        "outcome": strings(&outcome.0),
        "changed": changed.iter().map(leaf).collect::<Vec<_>>(),
        "data": strings(effects.record.words()),
        "withdrawals": strings(&withdrawals),
    })
}

/// A sealed batch.
pub(crate) fn seal(batch: &SealedBatch) -> Value {
    json!({
        "old_root": strings(&batch.old_root),
        "new_root": strings(&batch.new_root),
        "output": strings(&batch.output()),
    })
}
