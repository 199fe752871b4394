//! A batch directory as JSON: what `zkperp inspect` shows.

use std::path::PathBuf;

use pyo3::prelude::*;
use serde_json::{Value, json};
use zkperp_engine::{Accepted, Command, SealedBatch};

use crate::errors::InvalidBatch;
use crate::readable::{self, address, strings};

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

fn command(number: usize, accepted: &Accepted, next_request: &mut u64) -> Value {
    let command = &accepted.envelope.command;
    let mut all = readable::command(command, *next_request);
    *next_request += u64::from(matches!(command, Command::Request(_)));
    all.insert("number".to_owned(), json!(number));
    all.insert("time_ms".to_owned(), json!(accepted.envelope.time_ms));
    all.extend(readable::outcome(command, &accepted.outcome));
    let events: Vec<Value> = accepted.events.iter().map(readable::event).collect();
    all.insert("events".to_owned(), Value::Array(events));
    all.insert("record".to_owned(), strings(accepted.record.words()));
    Value::Object(all)
}
