//! Bindings of `zkperp_batch::Desk`: a venue that is driven command by command.

use std::path::PathBuf;

use pyo3::prelude::*;
use serde_json::{Value, json};
use zkperp_batch::accounts::account_summary;
use zkperp_batch::{self, Signer};
use zkperp_engine::{Command, Envelope, address_words};

use crate::errors::{InvalidBatch, InvalidInput, InvalidVenue};
use crate::readable::{self, strings};
use crate::rebuild::json;
use crate::rules_commands;
use crate::venues::genesis;

#[pyclass]
pub(crate) struct Desk(zkperp_batch::Desk);

impl Desk {
    /// Applies a command: its fields, and what became of it.
    fn run(&mut self, mut envelope: Envelope, signer: Signer) -> Value {
        let request = self.0.state().requests_done();
        let mut all = readable::command(&envelope.command, request);
        all.insert("time_ms".to_owned(), json!(envelope.time_ms));
        match self.0.apply(&mut envelope, signer) {
            Ok((outcome, effects)) => {
                all.extend(readable::outcome(&envelope.command, &outcome));
                let events = effects.events.iter().map(readable::event);
                all.insert("events".to_owned(), events.collect());
                all.insert("record".to_owned(), strings(effects.record.words()));
                all.insert("refusal".to_owned(), Value::Null);
            }
            Err(refusal) => {
                all.insert("events".to_owned(), json!([]));
                all.insert("refusal".to_owned(), json!(refusal.code()));
            }
        }
        Value::Object(all)
    }
}

#[pymethods]
impl Desk {
    #[new]
    fn new(genesis_text: &str, chain_id: u64, rollup: [u8; 20], seed: u64) -> PyResult<Self> {
        zkperp_batch::Desk::new(&genesis(genesis_text)?, chain_id, &rollup, seed)
            .map(Self)
            .map_err(|e| InvalidVenue::new_err(e.to_string()))
    }

    fn time_ms(&self) -> u64 {
        self.0.state().time_ms()
    }

    fn nonce(&self, account: u32, key: u8) -> u64 {
        self.0.state().nonce(account, key)
    }

    fn account(&self, number: u32) -> PyResult<Option<String>> {
        let found = account_summary(self.0.state(), number);
        found.map(|account| json(&account)).transpose()
    }

    fn deposit_words(
        &mut self,
        account: u32,
        owner: [u8; 20],
        amount_micro: u64,
    ) -> PyResult<[u64; 12]> {
        let keys = self.0.keys_to(account);
        let words = keys.deposit(account, address_words(&owner), amount_micro);
        words.ok_or_else(|| InvalidInput::new_err("accounts are numbered from 1"))
    }

    fn reach(&mut self, time_ms: u64) -> String {
        let mut done = Vec::new();
        while let Some(envelope) = self.0.before(time_ms) {
            let result = self.run(envelope, Signer::Nobody);
            let is_refused = !result["refusal"].is_null();
            done.push(result);
            if is_refused {
                break;
            }
        }
        Value::Array(done).to_string()
    }

    #[pyo3(signature = (step, signer=None, *, signed=true))]
    fn apply(&mut self, step: &str, signer: Option<u32>, signed: bool) -> PyResult<String> {
        let step = serde_json::from_str(step).map_err(|e| InvalidInput::new_err(e.to_string()))?;
        let next = self.0.state().requests_done();
        let (envelope, _) = rules_commands::step(&step, next).map_err(InvalidInput::new_err)?;
        let signer = match signer {
            _ if !signed || matches!(envelope.command, Command::Request(_)) => Signer::Nobody,
            None => Signer::Sender,
            Some(account) => Signer::Account(account),
        };
        Ok(self.run(envelope, signer).to_string())
    }

    #[pyo3(signature = (out=None))]
    fn seal(&mut self, py: Python<'_>, out: Option<PathBuf>) -> PyResult<String> {
        let (summary, directory) = py
            .detach(|| self.0.seal(out.as_deref()))
            .map_err(|e| InvalidBatch::new_err(e.to_string()))?;
        Ok(json!({ "batch": summary, "directory": directory }).to_string())
    }
}
