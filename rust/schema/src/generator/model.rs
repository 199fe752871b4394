//! The schema as data, and what it has to satisfy before anything is generated from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use thiserror::Error;

use super::expression::{Expression, ExpressionError};

/// Felts of a leaf.
pub(super) const LEAF: usize = 8;

/// Why a schema is refused.
#[derive(Debug, Error)]
pub(crate) enum SchemaError {
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    #[error("{name}: {error}")]
    Expression {
        name: String,
        error: ExpressionError,
    },
    #[error("{0}: does not fit 64 bits")]
    Width(String),
    #[error("{0} is defined twice")]
    Twice(String),
    #[error("relation does not hold: {0}")]
    Relation(String),
    #[error("leaf {0} has more than {LEAF} fields")]
    Leaf(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    constants: Vec<GroupText>,
    relations: Vec<RelationText>,
    leaves: Vec<Leaf>,
    enums: Vec<Enumeration>,
    events: Vec<Event>,
    output: Vec<OutputField>,
    refusals: Vec<Refusal>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupText {
    group: String,
    doc: String,
    values: Vec<ConstantText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConstantText {
    name: String,
    value: Number,
    doc: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Number {
    Integer(u64),
    Text(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RelationText {
    why: String,
    left: String,
    op: Comparison,
    right: String,
}

/// How the two sides of a relation compare.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) enum Comparison {
    #[serde(rename = "<")]
    Less,
    #[serde(rename = "<=")]
    LessOrEqual,
    #[serde(rename = "==")]
    Equal,
}

impl Comparison {
    pub(super) const fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Equal => "==",
        }
    }

    const fn holds(self, left: u128, right: u128) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Equal => left == right,
        }
    }
}

/// Constants that belong together.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) doc: String,
    pub(super) constants: Vec<Constant>,
}

/// One number with a name.
#[derive(Debug)]
pub(super) struct Constant {
    pub(super) name: String,
    pub(super) value: u64,
    pub(super) doc: String,
}

/// A relation between bounds, asserted when the Rust constants are compiled.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) why: String,
    pub(super) left: Expression,
    pub(super) comparison: Comparison,
    pub(super) right: Expression,
}

/// The fields of a leaf, from felt 0; the rest are zero.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Leaf {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) fields: Vec<String>,
}

/// A closed list of codes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Enumeration {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) values: Vec<Variant>,
}

/// One code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Variant {
    pub(super) name: String,
    pub(super) value: u64,
    pub(super) doc: String,
    pub(super) words: Option<u64>,
}

/// An event and its fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) value: u64,
    pub(super) doc: String,
    pub(super) fields: Vec<String>,
}

/// Public words, in order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputField {
    pub(super) name: String,
    pub(super) doc: String,
    #[serde(default = "one")]
    pub(super) words: u64,
}

const fn one() -> u64 {
    1
}

/// A refusal; their order in the file is the order of checks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refusal {
    pub(super) code: u64,
    pub(super) name: String,
    pub(super) text: String,
    #[serde(default)]
    pub(super) transient: bool,
}

/// A schema that is consistent in itself.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(super) groups: Vec<Group>,
    pub(super) relations: Vec<Relation>,
    pub(super) leaves: Vec<Leaf>,
    pub(super) enums: Vec<Enumeration>,
    pub(super) events: Vec<Event>,
    pub(super) output: Vec<OutputField>,
    pub(super) refusals: Vec<Refusal>,
}

impl Schema {
    /// Reads and checks a schema.
    ///
    /// # Errors
    /// A [`SchemaError`] for text that is no schema, or one that contradicts itself.
    pub(crate) fn parse(text: &str) -> Result<Self, SchemaError> {
        let file: File = toml::from_str(text)?;
        let mut values = BTreeMap::new();
        let groups = file
            .constants
            .into_iter()
            .map(|group| evaluate(group, &mut values))
            .collect::<Result<Vec<_>, _>>()?;
        let relations = file
            .relations
            .into_iter()
            .map(|text| relation(text, &values))
            .collect::<Result<Vec<_>, _>>()?;
        let schema = Self {
            groups,
            relations,
            leaves: file.leaves,
            enums: file.enums,
            events: file.events,
            output: file.output,
            refusals: file.refusals,
        };
        schema.check_names()?;
        Ok(schema)
    }

    /// Words of the public list before the batch data.
    pub(super) fn output_words(&self) -> u64 {
        self.output.iter().map(|field| field.words).sum()
    }

    /// The public fields with their first words.
    pub(super) fn output_offsets(&self) -> impl Iterator<Item = (&OutputField, u64)> {
        self.output.iter().scan(0, |next, field| {
            let at = *next;
            *next += field.words;
            Some((field, at))
        })
    }

    fn check_names(&self) -> Result<(), SchemaError> {
        for leaf in &self.leaves {
            if leaf.fields.len() > LEAF {
                return Err(SchemaError::Leaf(leaf.name.clone()));
            }
            unique(&leaf.name, leaf.fields.iter().cloned())?;
        }
        unique("leaves", self.leaves.iter().map(|leaf| leaf.name.clone()))?;
        for list in &self.enums {
            let variants = &list.values;
            unique(&list.name, variants.iter().map(|one| one.name.clone()))?;
            unique(&list.name, variants.iter().map(|one| one.value.to_string()))?;
        }
        let events = &self.events;
        unique("events", events.iter().map(|one| one.name.clone()))?;
        unique("events", events.iter().map(|one| one.value.to_string()))?;
        unique("output", self.output.iter().map(|one| one.name.clone()))?;
        let refusals = &self.refusals;
        unique("refusals", refusals.iter().map(|one| one.name.clone()))?;
        unique("refusals", refusals.iter().map(|one| one.code.to_string()))
    }
}

fn unique(place: &str, names: impl Iterator<Item = String>) -> Result<(), SchemaError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if let Some(name) = seen.replace(name) {
            return Err(SchemaError::Twice(format!("{place}: {name}")));
        }
    }
    Ok(())
}

fn evaluate(group: GroupText, values: &mut BTreeMap<String, u128>) -> Result<Group, SchemaError> {
    let mut constants = Vec::new();
    for ConstantText { name, value, doc } in group.values {
        let value = match value {
            Number::Integer(value) => u128::from(value),
            Number::Text(text) => compute(&name, &text, values)?.1,
        };
        if values.insert(name.clone(), value).is_some() {
            return Err(SchemaError::Twice(format!("{}: {name}", group.group)));
        }
        let value = u64::try_from(value).map_err(|_| SchemaError::Width(name.clone()))?;
        constants.push(Constant { name, value, doc });
    }
    Ok(Group {
        doc: group.doc,
        constants,
    })
}

fn relation(text: RelationText, values: &BTreeMap<String, u128>) -> Result<Relation, SchemaError> {
    let (left, left_value) = compute(&text.why, &text.left, values)?;
    let (right, right_value) = compute(&text.why, &text.right, values)?;
    if !text.op.holds(left_value, right_value) {
        return Err(SchemaError::Relation(text.why));
    }
    Ok(Relation {
        why: text.why,
        left,
        comparison: text.op,
        right,
    })
}

fn compute(
    name: &str,
    text: &str,
    values: &BTreeMap<String, u128>,
) -> Result<(Expression, u128), SchemaError> {
    let wrap = |error| SchemaError::Expression {
        name: name.to_owned(),
        error,
    };
    let parsed = Expression::parse(text).map_err(wrap)?;
    let value = parsed
        .value(&|name| values.get(name).copied())
        .map_err(wrap)?;
    Ok((parsed, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "leaves = []\nenums = []\nevents = []\noutput = []\nrefusals = []\n";

    fn parse(constants: &str, relations: &str) -> Result<Schema, SchemaError> {
        let constants = format!("[{{ group = 'g', doc = '', values = [{constants}] }}]");
        Schema::parse(&format!(
            "constants = {constants}\nrelations = [{relations}]\n{EMPTY}"
        ))
    }

    #[test]
    fn later_values_use_earlier_ones() {
        let schema = parse(
            "{ name = 'A', value = 3, doc = '' }, { name = 'B', value = '2^A', doc = '' }",
            "{ why = 'w', left = 'A', op = '<', right = 'B' }",
        )
        .unwrap();
        assert_eq!(schema.groups[0].constants[1].value, 8);
    }

    #[test]
    fn contradictions_are_named() {
        let a = "{ name = 'A', value = 3, doc = '' }";
        let refused = parse(a, "{ why = 'three', left = 'A', op = '==', right = '4' }");
        assert!(matches!(refused, Err(SchemaError::Relation(why)) if why == "three"));
        assert!(matches!(
            parse(&format!("{a}, {a}"), ""),
            Err(SchemaError::Twice(_))
        ));
        assert!(matches!(
            parse("{ name = 'A', value = '2^64', doc = '' }", ""),
            Err(SchemaError::Width(_))
        ));
    }

    #[test]
    fn the_schema_itself_is_consistent() {
        let schema = Schema::parse(include_str!("../../schema.toml")).unwrap();
        assert_eq!(schema.output_words(), 22);
    }
}
