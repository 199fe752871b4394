//! Commands from the JSON of `tests/vectors/rules` (its README). A number too wide for its field makes
//! a command that the engine itself refuses as malformed.

use serde_json::Value;
use zkperp_engine::{
    Command, Envelope, FurtherWords, Kind, OracleEntry, OracleReport, QuoteCommand, QuoteWords,
    Request, UserCommand,
};
use zkperp_schema::{CLIENT_ID_BITS, LOTS_BITS, OPTIONS_BITS, PRICE_BITS, SIDE_BITS};

use crate::rules_json::{Wrong, bytes, field, items, list, member, number};

/// A kind that no command has: what stands for a field that is too wide.
const NO_KIND: u8 = 63;

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
const FIELDS: [&str; 21] = [
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
    "options",
    "client_id",
    "deadline_ms",
    "trigger_ticks",
    "condition",
    "partner",
];

/// The fields of a kind: the others are 0, or it is malformed.
const fn used(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Time | Kind::Request | Kind::Fund | Kind::Sweep | Kind::Liquidate | Kind::Trigger => {
            &[]
        }
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
            "options",
            "client_id",
        ],
        Kind::PlaceConditional => &[
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
            "options",
            "trigger_ticks",
            "condition",
            "partner",
        ],
        Kind::Quote => &[
            "key",
            "market",
            "type",
            "account",
            "nonce",
            "valid_until_ms",
            "expiry_ms",
        ],
        Kind::CancelNamed => &["key", "account", "nonce", "valid_until_ms", "client_id"],
        Kind::SetDeadline => &["key", "account", "nonce", "valid_until_ms", "deadline_ms"],
        Kind::Cancel | Kind::CancelConditional => {
            &["key", "account", "nonce", "valid_until_ms", "order_id"]
        }
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
        Kind::CreateAccount | Kind::CancelAll => &[
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
        Some(Kind::Trigger) => Ok(Command::Trigger),
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

/// The words of a user's command (docs/spec/commands.md § 1); none of a kind that does not exist, and
/// `None` where two that share a word do not fit into it.
fn words(value: &Value, kind: Option<Kind>) -> Result<Option<FurtherWords>, Wrong> {
    let names: &[&str] = match kind {
        Some(Kind::Place) => &["price_ticks", "", "expiry_ms", "client_id"],
        Some(Kind::PlaceConditional) => &["price_ticks", "", "expiry_ms", "", "partner"],
        Some(Kind::Quote) => &["expiry_ms"],
        Some(Kind::Cancel | Kind::CancelConditional) => &["order_id"],
        Some(Kind::CancelNamed) => &["client_id"],
        Some(Kind::SetDeadline) => &["deadline_ms"],
        Some(Kind::Amend) => &["order_id", "price_ticks", "lots"],
        Some(Kind::Withdraw) => &["amount"],
        Some(Kind::Transfer) => &["to", "amount"],
        Some(Kind::SetLeverage) => &["imf_ppm"],
        _ => &[],
    };
    let mut words = FurtherWords::default();
    for (word, name) in words.iter_mut().zip(names) {
        *word = field(value, name)?;
    }
    if matches!(kind, Some(Kind::Place | Kind::PlaceConditional)) {
        let Some(lots) = lots_and_options(value)? else {
            return Ok(None);
        };
        words[1] = lots;
    }
    if kind == Some(Kind::PlaceConditional) {
        let (trigger, condition) = (field(value, "trigger_ticks")?, field(value, "condition")?);
        let Some(trigger) = joined(trigger, PRICE_BITS, condition, PRICE_BITS) else {
            return Ok(None);
        };
        words[3] = trigger;
    }
    Ok(Some(words))
}

/// Two numbers in one word, if both fit.
const fn joined(low: u64, low_bits: u64, high: u64, high_bits: u64) -> Option<u64> {
    if low >> low_bits == 0 && high >> high_bits == 0 {
        Some(low + (high << low_bits))
    } else {
        None
    }
}

fn lots_and_options(value: &Value) -> Result<Option<u64>, Wrong> {
    let (lots, options) = (field(value, "lots")?, field(value, "options")?);
    Ok(joined(lots, LOTS_BITS, options, OPTIONS_BITS))
}

/// The words of a quote's entries; `None` where a field does not fit.
fn quote_entries(value: &Value) -> Result<Option<Vec<QuoteWords>>, Wrong> {
    let entry = |entry: &Value| -> Result<Option<QuoteWords>, Wrong> {
        let (client_id, side) = (field(entry, "client_id")?, field(entry, "side")?);
        let named = joined(client_id, CLIENT_ID_BITS, side, SIDE_BITS);
        let (price, lots) = (field(entry, "price_ticks")?, lots_and_options(entry)?);
        Ok(named.zip(lots).map(|(named, lots)| [named, price, lots]))
    };
    items(value, "entries")?.iter().map(entry).collect()
}

fn user(value: &Value, name: &str, kind: Option<Kind>) -> Result<Command, Wrong> {
    let Some(words) = words(value, kind)? else {
        return Ok(Command::User(malformed()));
    };
    let entries = match kind {
        Some(Kind::Quote) => quote_entries(value)?,
        _ => Some(Vec::new()),
    };
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
    let command = narrow().unwrap_or_else(|_| malformed());
    Ok(match entries {
        None => Command::User(malformed()),
        Some(entries) if command.kind == Kind::Quote.code() => {
            Command::Quote(QuoteCommand { command, entries })
        }
        Some(_) => Command::User(command),
    })
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
        words: [0; 5],
    }
}
