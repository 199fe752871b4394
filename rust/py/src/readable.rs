//! Commands and events as JSON for the reader: names for codes, signs where there are any.

use serde_json::{Map, Value, json};
use zkperp_engine::leaf::to_signed;
use zkperp_engine::{
    AccountType, CancelScope, Command, Condition, Direction, Event, Kind, Options, OracleReport,
    OrderType, Outcome, QuoteWords, Refusal, RemovalReason, RequestKind, RequestWords, Side,
    UserCommand, WithdrawalOrigin, address_bytes,
};
use zkperp_schema::{
    ALL_MARKETS, RECORD_CLIENT_ID_SIDE_SHIFT, RECORD_CONDITION_SHIFT, RECORD_OPTIONS_SHIFT,
};

use crate::rules_json::SIGNED;

/// Where a request's words begin that name its owner, and its amount (docs/spec/commands.md § 8).
const REQUEST_OWNER: usize = 2;
const REQUEST_AMOUNT: usize = 5;
const REQUEST_KEY: usize = 6;

/// Words as decimal strings.
pub(crate) fn strings(words: &[u64]) -> Value {
    words
        .iter()
        .map(|word| Value::String(word.to_string()))
        .collect()
}

/// An L1 address in hex.
pub(crate) fn address(words: &[u64; 3]) -> String {
    let bytes = address_bytes(words).unwrap_or_default();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{digits}")
}

/// A code's name: `done` for 0.
fn code(code: u64) -> String {
    if code == 0 {
        return "done".to_owned();
    }
    Refusal::from_code(code).map_or_else(|| code.to_string(), |refusal| refusal.name().to_owned())
}

fn side(word: u64) -> &'static str {
    Side::from_code(word).map_or("?", Side::name)
}

fn order_type(word: u64) -> &'static str {
    OrderType::from_code(word).map_or("?", OrderType::name)
}

/// `cross`, or `isolated`.
fn account_type(word: u64) -> &'static str {
    AccountType::from_code(word).map_or("?", AccountType::name)
}

/// A command by its kind's name and its fields; `request` is the number of the request that it may
/// be.
pub(crate) fn command(command: &Command, request: u64) -> Map<String, Value> {
    let (kind, fields) = match command {
        Command::Time => (Kind::Time.name(), json!({})),
        Command::Oracle(report) => (Kind::OracleReport.name(), oracle(report)),
        Command::Request(words) => (Kind::Request.name(), self::request(request, &words.words)),
        Command::Tick { market } => (Kind::Tick.name(), json!({"market": market})),
        Command::Fund => (Kind::Fund.name(), json!({})),
        Command::Sweep => (Kind::Sweep.name(), json!({})),
        Command::Liquidate => (Kind::Liquidate.name(), json!({})),
        Command::Trigger => (Kind::Trigger.name(), json!({})),
        Command::Deleverage { account } => (Kind::Deleverage.name(), json!({"account": account})),
        Command::User(user) => {
            let kind = Kind::from_code(user.kind.into());
            (kind.map_or("?", Kind::name), self::user(kind, user))
        }
        Command::Quote(quote) => {
            let mut fields = self::user(Some(Kind::Quote), &quote.command);
            fields["entries"] = quote.entries.iter().map(quoted).collect();
            (Kind::Quote.name(), fields)
        }
    };
    let mut members = Map::new();
    members.insert("kind".to_owned(), json!(kind));
    if let Value::Object(fields) = fields {
        members.extend(fields);
    }
    members
}

/// What an accepted command's outcome says, by name.
pub(crate) fn outcome(command: &Command, outcome: &Outcome) -> Map<String, Value> {
    let [status, first, second, third] = outcome.0;
    let named = match command {
        Command::Time | Command::Oracle(_) => json!({}),
        Command::Fund => json!({"due_ms": first}),
        Command::Tick { .. } => json!({"index_ticks": second, "mark_ticks": third}),
        Command::Sweep => json!({"account": first, "market": second, "is_due": third == 1}),
        Command::Liquidate => json!({"account": first, "market": second, "lots": third}),
        Command::Deleverage { .. } => json!({"lots": second}),
        // What else it says depends on what became of the order: the events have it.
        Command::Trigger => json!({"order_id": first, "outcome": code(status)}),
        Command::Request(_) => json!({"outcome": code(status), "amount_done": first}),
        Command::User(user) => match Kind::from_code(user.kind.into()) {
            Some(Kind::Place | Kind::Amend | Kind::Cancel | Kind::CancelNamed) => {
                json!({"order_id": first, "filled_lots": second, "left_lots": third})
            }
            Some(Kind::PlaceConditional) => json!({"order_id": first}),
            Some(Kind::CancelConditional) => json!({"order_id": first, "left_lots": third}),
            Some(Kind::CreateAccount) => json!({"created": first, "mode": second}),
            Some(Kind::CancelAll) => json!({"cleared_below": first}),
            _ => json!({}),
        },
        Command::Quote(_) => {
            json!({"first_order_id": first, "placed": second, "resting_lots": third})
        }
    };
    match named {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn oracle(report: &OracleReport) -> Value {
    let entries = report.entries.iter();
    let prices = entries.map(|e| json!({"market": e.market, "price_ticks": e.price_ticks}));
    json!({
        "key": report.key,
        "timestamp_ms": report.timestamp_ms,
        "prices": prices.collect::<Vec<_>>(),
    })
}

fn request(number: u64, words: &RequestWords) -> Value {
    let kind = RequestKind::from_code(words[0]);
    let owner = [0, 1, 2].map(|i| words[REQUEST_OWNER + i]);
    let mut fields = json!({
        "request": number,
        "request_kind": kind.map_or("?", RequestKind::name),
        "account": words[1],
        "owner": address(&owner),
        "amount": words[REQUEST_AMOUNT],
    });
    if kind == Some(RequestKind::Deposit) {
        fields["key"] = json!(words[REQUEST_KEY]);
        fields["public_key"] = strings(&words[REQUEST_KEY + 1..]);
    }
    fields
}

fn user(kind: Option<Kind>, user: &UserCommand) -> Value {
    let mut fields = json!({
        "account": user.account,
        "key": user.key,
        "nonce": user.nonce,
        "valid_until_ms": user.valid_until_ms,
    });
    let [first, second, third, fourth, fifth] = user.words;
    match kind {
        Some(Kind::Place) => {
            fields["market"] = json!(user.market);
            fields["side"] = json!(side(user.side.into()));
            fields["type"] = json!(order_type(user.order_type.into()));
            fields["price_ticks"] = json!(first);
            set_lots(&mut fields, second);
            fields["expiry_ms"] = json!(third);
            fields["client_id"] = json!(fourth);
        }
        Some(Kind::PlaceConditional) => {
            fields["market"] = json!(user.market);
            fields["side"] = json!(side(user.side.into()));
            fields["type"] = json!(order_type(user.order_type.into()));
            fields["price_ticks"] = json!(first);
            set_lots(&mut fields, second);
            fields["expiry_ms"] = json!(third);
            fields["trigger_ticks"] = json!(fourth % RECORD_CONDITION_SHIFT);
            let condition = Condition::from_code(fourth / RECORD_CONDITION_SHIFT);
            fields["condition"] = json!(condition.map_or("?", Condition::name));
            fields["partner"] = json!(fifth);
        }
        Some(Kind::Quote) => {
            fields["market"] = json!(user.market);
            fields["type"] = json!(order_type(user.order_type.into()));
            fields["expiry_ms"] = json!(first);
        }
        Some(Kind::CancelNamed) => fields["client_id"] = json!(first),
        Some(Kind::CancelAll) => {
            let scope = CancelScope::from_code(user.order_type.into());
            fields["type"] = json!(scope.map_or("?", CancelScope::name));
            fields["market"] = json!((scope == Some(CancelScope::Market)).then_some(user.market));
        }
        Some(Kind::SetDeadline) => fields["deadline_ms"] = json!(first),
        Some(Kind::Cancel | Kind::CancelConditional) => fields["order_id"] = json!(first),
        Some(Kind::Amend) => {
            fields["order_id"] = json!(first);
            fields["price_ticks"] = json!(second);
            fields["lots"] = json!(third);
        }
        Some(Kind::Withdraw) => fields["amount"] = json!(first),
        Some(Kind::CreateAccount) => {
            fields["type"] = json!(account_type(user.order_type.into()));
            fields["market"] = json!(user.market);
        }
        Some(Kind::Transfer) => {
            fields["to"] = json!(first);
            fields["amount"] = json!(second);
        }
        Some(Kind::SetLeverage) => {
            fields["market"] = json!(user.market);
            fields["imf_ppm"] = json!(first);
        }
        _ => {}
    }
    fields
}

/// Lots and the options that share their word.
fn set_lots(fields: &mut Value, word: u64) {
    fields["lots"] = json!(word % RECORD_OPTIONS_SHIFT);
    let options = Options::decode(word / RECORD_OPTIONS_SHIFT);
    let (options, _) = options.unwrap_or((Options::NONE, false));
    fields["reduce_only"] = json!(options.reduce_only);
    fields["stp"] = json!(options.stp.name());
    fields["stp_owner"] = json!(options.stp_owner);
}

/// An entry of a quote.
fn quoted([first, price_ticks, last]: &QuoteWords) -> Value {
    let mut fields = json!({
        "client_id": first % RECORD_CLIENT_ID_SIDE_SHIFT,
        "side": side(first / RECORD_CLIENT_ID_SIDE_SHIFT),
        "price_ticks": price_ticks,
    });
    set_lots(&mut fields, *last);
    fields
}

/// An event by its type's name and its fields.
pub(crate) fn event(event: &Event) -> Value {
    let mut words = Vec::new();
    event.encode(&mut words);
    let kind = event.event_type();
    let mut members = Map::new();
    members.insert("type".to_owned(), json!(kind.name()));
    for (&name, &word) in kind.fields().iter().zip(&words[1..]) {
        let value = match name {
            _ if SIGNED.contains(&name) => json!(to_signed(word)),
            "side" | "taker_side" => json!(side(word)),
            "order_type" => json!(order_type(word)),
            "direction" => json!(Direction::from_code(word).map_or("?", Direction::name)),
            "market" if word == ALL_MARKETS => Value::Null,
            "code" => json!(code(word)),
            "reason" => json!(RemovalReason::from_code(word).map_or("?", RemovalReason::name)),
            "origin" => {
                json!(WithdrawalOrigin::from_code(word).map_or("?", WithdrawalOrigin::name))
            }
            _ => json!(word),
        };
        members.insert(name.to_owned(), value);
    }
    Value::Object(members)
}
