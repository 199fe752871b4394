//! The engine as a writer of the rule book that the differential tests can ask
//! (tests/differential/README.md).

use std::collections::BTreeMap;

use pyo3::prelude::*;
use serde_json::{Value, json};
use zkperp_engine::leaf::{EMPTY, LeafWords};
use zkperp_engine::{Engine, Recorded, Verify};

use crate::errors::InvalidInput;
use crate::{rules_commands, rules_json};

fn parse(text: &str) -> PyResult<Value> {
    serde_json::from_str(text).map_err(|error| InvalidInput::new_err(error.to_string()))
}

#[pyclass]
pub(crate) struct RuleBook {
    engine: Engine,
    /// Leaves as the last command left them: what a command changed is seen against them.
    known: BTreeMap<u64, LeafWords>,
}

#[pymethods]
impl RuleBook {
    #[new]
    fn new(venue: &str) -> PyResult<Self> {
        let venue = rules_json::venue(&parse(venue)?).map_err(InvalidInput::new_err)?;
        let mut engine =
            Engine::genesis(&venue).map_err(|error| InvalidInput::new_err(error.to_string()))?;
        let known = engine.state_mut().leaves().into_iter().collect();
        Ok(Self { engine, known })
    }

    fn apply(&mut self, step: &str) -> PyResult<String> {
        let next = self.engine.state().requests_done();
        let (envelope, told) =
            rules_commands::step(&parse(step)?, next).map_err(InvalidInput::new_err)?;
        let result = match told {
            Some(valid) => self.engine.apply(&envelope, &Recorded(valid)),
            None => self.engine.apply(&envelope, &Verify),
        };
        let (outcome, effects) = match result {
            Ok((outcome, effects)) => (outcome, effects.clone()),
            Err(refusal) => return Ok(json!({ "code": refusal.code().to_string() }).to_string()),
        };
        let touched = self.engine.state_mut().touched();
        let changed: Vec<(u64, LeafWords)> = touched
            .into_iter()
            .filter(|(addr, words)| self.known.insert(*addr, *words).unwrap_or(EMPTY) != *words)
            .collect();
        let post = rules_json::post(outcome, &effects, &changed);
        Ok(json!({ "post": post }).to_string())
    }

    fn seal(&mut self) -> PyResult<String> {
        let batch = self.engine.seal();
        let batch = batch.map_err(|error| InvalidInput::new_err(error.to_string()))?;
        self.known = self.engine.state_mut().leaves().into_iter().collect();
        Ok(rules_json::seal(&batch).to_string())
    }
}
