//! The JSON of `tests/vectors/rules` (its README) as the engine's types, and back. Text from
//! outside: whatever is not of the format is an error, and a number too wide for its field makes a
//! command that the engine itself refuses as malformed.

use serde_json::{Map, Value, json};
use zkperp_engine::leaf::{LeafWords, from_signed};
use zkperp_engine::{
    Command, Domain, Effects, Envelope, Event, Kind, MarketParams, OraclePrice, Outcome, Request,
    SealedBatch, UserCommand, VenueParams,
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

fn list<const N: usize>(value: &Value, name: &str) -> Result<[u64; N], Wrong> {
    let items = member(value, name)?
        .as_array()
        .ok_or_else(|| format!("{name}: not a list"))?;
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

/// `pre.venue`.
pub(crate) fn venue(value: &Value) -> Result<VenueParams, Wrong> {
    let market = |market: &Value| -> Result<MarketParams, Wrong> {
        let maker = member(market, "maker_ppm")?
            .as_str()
            .and_then(|text| text.parse().ok());
        Ok(MarketParams {
            multiplier: field(market, "multiplier")?,
            imf_ppm: field(market, "imf_ppm")?,
            taker_ppm: field(market, "taker_ppm")?,
            maker_ppm: maker.ok_or("maker_ppm: not a signed integer")?,
            price_max: field(market, "price_max")?,
            lots_max: field(market, "lots_max")?,
        })
    };
    let markets = member(value, "markets")?
        .as_array()
        .ok_or("markets: not a list")?;
    let domain = Domain::new(field(value, "chain_id")?, &bytes(value, "rollup")?);
    Ok(VenueParams {
        domain: domain.ok_or("chain_id is too large")?,
        start_time_ms: field(value, "start_time_ms")?,
        staleness_ms: field(value, "staleness_ms")?,
        oracle_key: list(value, "oracle_key")?,
        markets: markets.iter().map(market).collect::<Result<_, _>>()?,
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

/// Every field that some signed command has.
const FIELDS: [&str; 13] = [
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
];

/// The fields of a kind of signed command: the others are 0, or it is malformed.
const fn used(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Time | Kind::Request => &[],
        Kind::OraclePrice => &["key", "market", "price_ticks", "timestamp_ms"],
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
    }
}

fn command(value: &Value, next_request: u64) -> Result<Command, Wrong> {
    let name = member(value, "kind")?
        .as_str()
        .ok_or("kind: not a string")?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let field = |name: &str| field(value, name);
    if let Some(kind) = kind.filter(|kind| !used(*kind).is_empty()) {
        for name in FIELDS.into_iter().filter(|name| !used(kind).contains(name)) {
            if field(name)? != 0 {
                return Ok(Command::User(malformed()));
            }
        }
    }
    let words = match kind {
        Some(Kind::Time) => return Ok(Command::Time),
        Some(Kind::Request) => {
            let number = match value.get("number") {
                Some(_) => field("number")?,
                None => next_request,
            };
            return Ok(match list(value, "words") {
                Ok(words) => Command::Request(Request { number, words }),
                Err(_) => Command::User(malformed()),
            });
        }
        Some(Kind::OraclePrice) => {
            let narrow = (u8::try_from(field("key")?), u8::try_from(field("market")?));
            let (Ok(key), Ok(market)) = narrow else {
                return Ok(Command::User(malformed()));
            };
            return Ok(Command::Oracle(OraclePrice {
                key,
                market,
                price_ticks: field("price_ticks")?,
                timestamp_ms: field("timestamp_ms")?,
            }));
        }
        Some(Kind::Place) => [field("price_ticks")?, field("lots")?, field("expiry_ms")?],
        Some(Kind::Cancel) => [field("order_id")?, 0, 0],
        Some(Kind::Amend) => [field("order_id")?, field("price_ticks")?, field("lots")?],
        Some(Kind::Withdraw) => [field("amount")?, 0, 0],
        Some(Kind::BurnNonce) | None => [0; 3],
    };
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
const SIGNED: [&str; 1] = ["maker_fee"];

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
