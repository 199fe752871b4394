//! What the host gives a run: named felts and the advice segment.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use thiserror::Error;
use zkperp_field::{F, canonical};
use zkperp_signature::Signature;

use crate::builtins::state::StateInput;
use crate::hints::is_identifier;

/// The key of a JSON input under which the advice stands.
const ADVICE: &str = "advice";

/// The host's input to one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// Values of `program_input["NAME"]`.
    pub named: BTreeMap<String, F>,
    /// Cells of the advice segment, from offset 0.
    pub advice: Vec<F>,
    /// What the `state` builtin reads, if the program has it.
    pub state: Option<StateInput>,
    /// The signatures of the `schnorr` builtin's instances, in their order.
    pub signatures: Vec<Signature>,
}

/// Why a text is not an input.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InputError {
    /// Not JSON, or not an object.
    #[error("input is not a JSON object: {0}")]
    Json(String),
    /// A key that no hint can name.
    #[error("input name {0:?} is not an identifier")]
    Name(String),
    /// A value that is not an integer in `0..p`, as a JSON number or a decimal string.
    #[error("input {name:?} is not an integer in 0..p: {value}")]
    Felt {
        /// Where the value stands.
        name: String,
        /// The value, as written.
        value: String,
    },
}

impl Input {
    /// An input of named felts only.
    #[must_use]
    pub fn named<const N: usize>(values: [(&str, F); N]) -> Self {
        let named = values.map(|(name, value)| (name.to_owned(), value)).into();
        Self {
            named,
            advice: Vec::new(),
            state: None,
            signatures: Vec::new(),
        }
    }

    /// Reads `{"NAME": FELT, …, "advice": [FELT, …]}`; a felt is a number or a decimal string.
    ///
    /// # Errors
    /// When the text has another form, or a value is not below p.
    pub fn from_json(text: &str) -> Result<Self, InputError> {
        let fields: BTreeMap<String, Json> =
            serde_json::from_str(text).map_err(|e| InputError::Json(e.to_string()))?;
        let mut input = Self::default();
        for (name, value) in fields {
            if name == ADVICE {
                let Json::Array(cells) = &value else {
                    return Err(InputError::Felt {
                        name,
                        value: value.to_string(),
                    });
                };
                input.advice = cells
                    .iter()
                    .map(|cell| felt(ADVICE, cell))
                    .collect::<Result<_, _>>()?;
            } else if is_identifier(&name) {
                let value = felt(&name, &value)?;
                input.named.insert(name, value);
            } else {
                return Err(InputError::Name(name));
            }
        }
        Ok(input)
    }
}

fn felt(name: &str, value: &Json) -> Result<F, InputError> {
    let integer = match value {
        Json::Number(number) => number.as_u64(),
        Json::String(text) if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    };
    integer.and_then(canonical).ok_or_else(|| InputError::Felt {
        name: name.to_owned(),
        value: value.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkperp_field::PrimeCharacteristicRing;

    #[test]
    fn numbers_and_decimal_strings_are_felts() {
        let text = r#"{"n": 5, "big": "18446744069414584320", "advice": [1, "2"]}"#;
        let input = Input::from_json(text).unwrap();
        assert_eq!(input.named["n"], F::from_u64(5));
        assert_eq!(input.named["big"], -F::ONE);
        assert_eq!(input.advice, [F::ONE, F::TWO]);
    }

    #[test]
    fn other_values_are_refused_by_name() {
        for (text, name) in [
            (r#"{"n": 18446744069414584321}"#, "n"),
            (r#"{"n": -1}"#, "n"),
            (r#"{"n": 1.5}"#, "n"),
            (r#"{"n": "+1"}"#, "n"),
            (r#"{"n": ""}"#, "n"),
            (r#"{"n": "99999999999999999999"}"#, "n"),
            (r#"{"advice": [1, null]}"#, "advice"),
            (r#"{"advice": 1}"#, "advice"),
        ] {
            let error = Input::from_json(text).unwrap_err();
            assert!(
                matches!(&error, InputError::Felt { name: n, .. } if n == name),
                "{error}"
            );
        }
        assert_eq!(
            Input::from_json(r#"{"a b": 1}"#),
            Err(InputError::Name("a b".into()))
        );
        assert!(matches!(Input::from_json("[1]"), Err(InputError::Json(_))));
    }
}
