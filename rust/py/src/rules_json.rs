//! The JSON of `tests/vectors/rules` (its README) as the engine's types, and back. Text from
//! outside: whatever is not of the format is an error, and a number too wide for its field makes a
//! command that the engine itself refuses as malformed.

use serde_json::{Map, Value, json};
use zkperp_engine::leaf::{LeafWords, from_signed};
use zkperp_engine::{
    Command, Domain, Effects, Envelope, Event, KeyLimbs, Kind, MarketParams, OracleEntry,
    OracleReport, Outcome, PricingParams, Request, SealedBatch, TierParams, UserCommand,
    VenueParams,
};

/// What is wrong with a text.
pub(crate) type Wrong = String;

/// A kind that no command has: what stands for a field that is too wide.
const NO_KIND: u8 = 63;

fn number(name: &str, value: &Value) -> Result<u64, Wrong> {
    let text = value
        .as_str()
        .ok_or_else(|| format!("{name}: not a decimal string: {value}"))?;
    let wrong = |_| format!("{name}: not an integer of 64 bits: {text}");
    match text.strip_prefix('-') {
        Some(_) => text.parse().map(from_signed).map_err(wrong),
        None => text.parse().map_err(wrong),
    }
}

fn member<'a>(value: &'a Value, name: &str) -> Result<&'a Value, Wrong> {
    value.get(name).ok_or_else(|| format!("{name} is missing"))
}

fn field(value: &Value, name: &str) -> Result<u64, Wrong> {
    value.get(name).map_or(Ok(0), |found| number(name, found))
}

fn items<'a>(value: &'a Value, name: &str) -> Result<&'a Vec<Value>, Wrong> {
    let found = member(value, name)?.as_array();
    found.ok_or_else(|| format!("{name}: not a list"))
}

fn list<const N: usize>(value: &Value, name: &str) -> Result<[u64; N], Wrong> {
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

fn bytes<const N: usize>(value: &Value, name: &str) -> Result<[u8; N], Wrong> {
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

/// A step's time and command, and whether its signature is told to be good or bad.
pub(crate) fn step(value: &Value, next_request: u64) -> Result<(Envelope, Option<bool>), Wrong> {
    let command = member(value, "command")?;
    let told = match command.get("signature_valid") {
        Some(told) => Some(number("signature_valid", told)? == 1),
        None => None,
    };
    let signature = match command.get("signature") {
        Some(_) => Some(bytes(command, "signature")?),
        None => None,
    };
    let envelope = Envelope {
        time_ms: number("time_ms", member(value, "time_ms")?)?,
        command: self::command(command, next_request)?,
        signature,
    };
    Ok((envelope, told))
}

/// Every field that some command has, but lists.
const FIELDS: [&str; 15] = [
    "key",
    "market",
    "side",
    "type",
    "account",
    "nonce",
    "valid_until_ms",
    "price_ticks",
    "lots",
    "expiry_ms",
    "order_id",
    "amount",
    "timestamp_ms",
    "to",
    "imf_ppm",
];

/// The fields of a kind: the others are 0, or it is malformed.
const fn used(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Time | Kind::Request | Kind::Fund | Kind::Sweep | Kind::Liquidate => &[],
        Kind::Deleverage => &["account"],
        Kind::OracleReport => &["key", "timestamp_ms"],
        Kind::Tick => &["market"],
        Kind::Place => &[
            "key",
            "market",
            "side",
            "type",
            "account",
            "nonce",
            "valid_until_ms",
            "price_ticks",
            "lots",
            "expiry_ms",
        ],
        Kind::Cancel => &["key", "account", "nonce", "valid_until_ms", "order_id"],
        Kind::Amend => &[
            "key",
            "account",
            "nonce",
            "valid_until_ms",
            "order_id",
            "price_ticks",
            "lots",
        ],
        Kind::Withdraw => &["key", "account", "nonce", "valid_until_ms", "amount"],
        Kind::BurnNonce => &["key", "account", "nonce", "valid_until_ms"],
        Kind::CreateAccount => &[
            "key",
            "market",
            "type",
            "account",
            "nonce",
            "valid_until_ms",
        ],
        Kind::Transfer => &["key", "account", "nonce", "valid_until_ms", "to", "amount"],
        Kind::SetLeverage => &[
            "key",
            "market",
            "account",
            "nonce",
            "valid_until_ms",
            "imf_ppm",
        ],
    }
}

fn command(value: &Value, next_request: u64) -> Result<Command, Wrong> {
    let name = member(value, "kind")?
        .as_str()
        .ok_or("kind: not a string")?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let checked = |kind: &Kind| !matches!(kind, Kind::Time | Kind::Request);
    if let Some(kind) = kind.filter(checked) {
        for name in FIELDS.into_iter().filter(|name| !used(kind).contains(name)) {
            if field(value, name)? != 0 {
                return Ok(Command::User(malformed()));
            }
        }
    }
    match kind {
        Some(Kind::Time) => Ok(Command::Time),
        Some(Kind::Fund) => Ok(Command::Fund),
        Some(Kind::Sweep) => Ok(Command::Sweep),
        Some(Kind::Liquidate) => Ok(Command::Liquidate),
        Some(Kind::Deleverage) => Ok(match u32::try_from(field(value, "account")?) {
            Ok(account) => Command::Deleverage { account },
            Err(_) => Command::User(malformed()),
        }),
        Some(Kind::Tick) => Ok(match u8::try_from(field(value, "market")?) {
            Ok(market) => Command::Tick { market },
            Err(_) => Command::User(malformed()),
        }),
        Some(Kind::Request) => {
            let number = match value.get("number") {
                Some(_) => field(value, "number")?,
                None => next_request,
            };
            Ok(match list(value, "words") {
                Ok(words) => Command::Request(Request { number, words }),
                Err(_) => Command::User(malformed()),
            })
        }
        Some(Kind::OracleReport) => {
            let report = report(value)?;
            Ok(report.map_or_else(|| Command::User(malformed()), Command::Oracle))
        }
        _ => user(value, name, kind),
    }
}

/// A report; `None` where a field is too wide for its type.
fn report(value: &Value) -> Result<Option<OracleReport>, Wrong> {
    let mut entries = Vec::new();
    for entry in items(value, "entries")? {
        let Ok(market) = u8::try_from(field(entry, "market")?) else {
            return Ok(None);
        };
        let price_ticks = field(entry, "price_ticks")?;
        entries.push(OracleEntry {
            market,
            price_ticks,
        });
    }
    let (key, timestamp_ms) = (field(value, "key")?, field(value, "timestamp_ms")?);
    Ok(u8::try_from(key).ok().map(|key| OracleReport {
        key,
        timestamp_ms,
        entries,
    }))
}

/// The words of a user's command (docs/spec/commands.md § 1); none of a kind that does not exist.
fn words(value: &Value, kind: Option<Kind>) -> Result<[u64; 3], Wrong> {
    let names: [&str; 3] = match kind {
        Some(Kind::Place) => ["price_ticks", "lots", "expiry_ms"],
        Some(Kind::Cancel) => ["order_id", "", ""],
        Some(Kind::Amend) => ["order_id", "price_ticks", "lots"],
        Some(Kind::Withdraw) => ["amount", "", ""],
        Some(Kind::Transfer) => ["to", "amount", ""],
        Some(Kind::SetLeverage) => ["imf_ppm", "", ""],
        _ => [""; 3],
    };
    let mut words = [0; 3];
    for (word, name) in words.iter_mut().zip(names) {
        *word = field(value, name)?;
    }
    Ok(words)
}

fn user(value: &Value, name: &str, kind: Option<Kind>) -> Result<Command, Wrong> {
    let words = words(value, kind)?;
    let field = |name: &str| field(value, name);
    let code = kind.map_or_else(
        || name.parse::<u64>().unwrap_or(u64::MAX),
        |k| u64::from(k.code()),
    );
    let narrow = || -> Result<UserCommand, Wrong> {
        let byte = |number: u64| u8::try_from(number).map_err(|e| e.to_string());
        Ok(UserCommand {
            kind: byte(code)?,
            key: byte(field("key")?)?,
            market: byte(field("market")?)?,
            side: byte(field("side")?)?,
            order_type: byte(field("type")?)?,
            account: u32::try_from(field("account")?).map_err(|e| e.to_string())?,
            nonce: field("nonce")?,
            valid_until_ms: field("valid_until_ms")?,
            words,
        })
    };
    Ok(Command::User(narrow().unwrap_or_else(|_| malformed())))
}

/// Refused as malformed, after the checks of time that come first.
const fn malformed() -> UserCommand {
    UserCommand {
        kind: NO_KIND,
        key: 0,
        market: 0,
        side: 0,
        order_type: 0,
        account: 0,
        nonce: 0,
        valid_until_ms: 0,
        words: [0; 3],
    }
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
