//! A batch directory as JSON: what `zkperp inspect` shows.

use std::path::PathBuf;

use pyo3::prelude::*;
use serde_json::{Map, Value, json};
use zkperp_engine::leaf::to_signed;
use zkperp_engine::{
    Accepted, Command, Event, Kind, OraclePrice, OrderType, Refusal, RemovalReason, RequestKind,
    RequestWords, SealedBatch, Side, UserCommand, WithdrawalOrigin, address_bytes,
};

use crate::errors::InvalidBatch;

/// Where a request's words begin that name its owner, and its amount (docs/spec/commands.md § 8).
const REQUEST_OWNER: usize = 2;
const REQUEST_AMOUNT: usize = 5;
const REQUEST_KEY: usize = 6;
/// Bytes of a word of the batch data.
const WORD_BYTES: usize = 8;

#[pyfunction]
pub(crate) fn inspect_batch(py: Python<'_>, directory: PathBuf) -> PyResult<String> {
    let opened = py
        .detach(|| zkperp_batch::open(&directory))
        .map_err(|e| InvalidBatch::new_err(format!("{}: {e}", directory.display())))?;
    Ok(batch(&opened.batch).to_string())
}

fn batch(batch: &SealedBatch) -> Value {
    let output = batch.output();
    let fixed = batch.public.encode().len();
    let commands = batch.accepted.iter().enumerate();
    let mut next_request = batch.public.requests_before;
    let commands: Vec<Value> = commands
        .map(|(number, accepted)| command(number, accepted, &mut next_request))
        .collect();
    let withdrawals = batch.withdrawals.iter();
    let withdrawals = withdrawals.map(|w| json!({"owner": address(&w.owner), "amount": w.amount}));
    json!({
        "batch_number": batch.public.batch_number,
        "chain_id": batch.public.domain.chain_id,
        "rollup": address(&batch.public.domain.rollup),
        "old_root": strings(&batch.old_root),
        "new_root": strings(&batch.new_root),
        "first_time_ms": batch.public.first_time_ms,
        "last_time_ms": batch.public.last_time_ms,
        "public_words": strings(&output[..fixed]),
        "commands": commands,
        "withdrawals": withdrawals.collect::<Vec<_>>(),
        "changed_leaves": batch.changes.len(),
        "data_bytes": {
            "fixed": WORD_BYTES * fixed,
            "requests": WORD_BYTES * batch.requests.as_flattened().len(),
            "withdrawals": WORD_BYTES * 4 * batch.withdrawals.len(),
            "commands": WORD_BYTES * batch.public.command_words as usize,
            "all": WORD_BYTES * output.len(),
        },
    })
}

fn strings(words: &[u64]) -> Value {
    words
        .iter()
        .map(|word| Value::String(word.to_string()))
        .collect()
}

/// An L1 address in hex.
fn address(words: &[u64; 3]) -> String {
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

fn command(number: usize, accepted: &Accepted, next_request: &mut u64) -> Value {
    let envelope = &accepted.envelope;
    let [status, first, second, third] = accepted.outcome.0;
    let (kind, fields, result) = match &envelope.command {
        Command::Time => (Kind::Time.name(), json!({}), json!({})),
        Command::Oracle(price) => (Kind::OraclePrice.name(), oracle(price), json!({})),
        Command::Request(request) => {
            let fields = self::request(*next_request, &request.words);
            *next_request += 1;
            let result = json!({"outcome": code(status), "amount_done": first});
            (Kind::Request.name(), fields, result)
        }
        Command::User(user) => {
            let kind = Kind::from_code(user.kind.into());
            let result = match kind {
                Some(Kind::Place | Kind::Amend | Kind::Cancel) => {
                    json!({"order_id": first, "filled_lots": second, "left_lots": third})
                }
                _ => json!({}),
            };
            (kind.map_or("?", Kind::name), self::user(kind, user), result)
        }
    };
    let mut all = Map::new();
    all.insert("number".to_owned(), json!(number));
    all.insert("time_ms".to_owned(), json!(envelope.time_ms));
    all.insert("kind".to_owned(), json!(kind));
    for object in [fields, result] {
        if let Value::Object(members) = object {
            all.extend(members);
        }
    }
    let events: Vec<Value> = accepted.events.iter().map(event).collect();
    all.insert("events".to_owned(), Value::Array(events));
    all.insert("record".to_owned(), strings(accepted.record.words()));
    Value::Object(all)
}

fn oracle(price: &OraclePrice) -> Value {
    json!({
        "key": price.key,
        "market": price.market,
        "price_ticks": price.price_ticks,
        "timestamp_ms": price.timestamp_ms,
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
    let [first, second, third] = user.words;
    match kind {
        Some(Kind::Place) => {
            fields["market"] = json!(user.market);
            fields["side"] = json!(side(user.side.into()));
            let order_type = OrderType::from_code(user.order_type.into());
            fields["type"] = json!(order_type.map_or("?", OrderType::name));
            fields["price_ticks"] = json!(first);
            fields["lots"] = json!(second);
            fields["expiry_ms"] = json!(third);
        }
        Some(Kind::Amend) => {
            fields["price_ticks"] = json!(second);
            fields["lots"] = json!(third);
        }
        Some(Kind::Withdraw) => fields["amount"] = json!(first),
        _ => {}
    }
    fields
}

fn event(event: &Event) -> Value {
    let mut words = Vec::new();
    event.encode(&mut words);
    let kind = event.event_type();
    let mut members = Map::new();
    members.insert("type".to_owned(), json!(kind.name()));
    for (&name, &word) in kind.fields().iter().zip(&words[1..]) {
        let value = match name {
            "maker_fee" => json!(to_signed(word)),
            "side" | "taker_side" => json!(side(word)),
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
