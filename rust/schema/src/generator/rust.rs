//! The Rust constants.

use std::fmt::Write as _;

use super::NOTICE;
use super::model::{Enumeration, Event, Refusal, Schema};
use super::names::{camel, grouped, upper};

pub(super) fn file(schema: &Schema) -> String {
    let mut out = format!("// {NOTICE}\n\n");
    for group in &schema.groups {
        let _ = writeln!(out, "// {}\n", group.doc);
        for constant in &group.constants {
            let _ = writeln!(out, "/// {}", constant.doc);
            let value = grouped(constant.value.into());
            let _ = writeln!(out, "pub const {}: u64 = {value};", constant.name);
        }
        out.push('\n');
    }
    for relation in &schema.relations {
        let (left, right) = (relation.left.rust(), relation.right.rust());
        let symbol = relation.comparison.symbol();
        let _ = writeln!(out, "// {}.", relation.why);
        let _ = writeln!(out, "const _: () = assert!({left} {symbol} {right});");
    }
    leaves(&mut out, schema);
    for list in &schema.enums {
        enumeration(&mut out, list);
    }
    events(&mut out, &schema.events);
    output(&mut out, schema);
    refusals(&mut out, &schema.refusals);
    out
}

fn leaves(out: &mut String, schema: &Schema) {
    for leaf in &schema.leaves {
        let _ = writeln!(out, "\n/// {} Indices of its felts.", leaf.doc);
        let _ = writeln!(out, "pub mod {} {{", leaf.name);
        for (index, field) in leaf.fields.iter().enumerate() {
            let _ = writeln!(out, "    /// Felt {index}: `{field}`.");
            let _ = writeln!(out, "    pub const {}: usize = {index};", upper(field));
        }
        out.push_str("}\n");
    }
}

/// What every code type has: the type, its number and its way back.
struct Codes<'a> {
    name: &'a str,
    doc: &'a str,
    repr: &'a str,
    /// Name, number and sentence of each.
    values: Vec<(&'a str, u64, &'a str)>,
}

fn codes(out: &mut String, codes: &Codes<'_>) {
    let Codes {
        name,
        doc,
        repr,
        values,
    } = codes;
    let _ = writeln!(out, "\n/// {doc}");
    out.push_str("#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n");
    let _ = writeln!(out, "#[repr({repr})]\npub enum {name} {{");
    for (variant, value, doc) in values {
        let _ = writeln!(out, "    /// {doc}");
        let _ = writeln!(out, "    {} = {value},", camel(variant));
    }
    let _ = writeln!(out, "}}\n\nimpl {name} {{");
    let _ = writeln!(out, "    /// All of them, in the schema's order.");
    let _ = writeln!(out, "    pub const ALL: [Self; {}] = [", values.len());
    for (variant, ..) in values {
        let _ = writeln!(out, "        Self::{},", camel(variant));
    }
    out.push_str("    ];\n\n    /// Its number.\n    #[must_use]\n");
    let _ = writeln!(out, "    pub const fn code(self) -> {repr} {{");
    let _ = writeln!(out, "        self as {repr}\n    }}\n");
    out.push_str("    /// The one with this number, if there is one.\n    #[must_use]\n");
    out.push_str("    pub const fn from_code(code: u64) -> Option<Self> {\n        match code {\n");
    for (variant, value, _) in values {
        let _ = writeln!(
            out,
            "            {value} => Some(Self::{}),",
            camel(variant)
        );
    }
    out.push_str("            _ => None,\n        }\n    }\n");
    method(
        out,
        "name",
        "Its name in the specification.",
        "&'static str",
        values,
        |value| format!("\"{}\"", value.0),
    );
    out.push_str("}\n");
}

fn method<T>(
    out: &mut String,
    name: &str,
    doc: &str,
    returns: &str,
    values: &[T],
    result: impl Fn(&T) -> String,
) where
    T: Named,
{
    let _ = writeln!(out, "\n    /// {doc}\n    #[must_use]");
    let _ = writeln!(out, "    pub const fn {name}(self) -> {returns} {{");
    out.push_str("        match self {\n");
    for value in values {
        let variant = camel(value.variant());
        let _ = writeln!(out, "            Self::{variant} => {},", result(value));
    }
    out.push_str("        }\n    }\n");
}

/// Something that is a variant of a generated type.
trait Named {
    fn variant(&self) -> &str;
}

impl Named for (&str, u64, &str) {
    fn variant(&self) -> &str {
        self.0
    }
}

impl Named for Event {
    fn variant(&self) -> &str {
        &self.name
    }
}

impl Named for Refusal {
    fn variant(&self) -> &str {
        &self.name
    }
}

fn enumeration(out: &mut String, list: &Enumeration) {
    let values: Vec<_> = list
        .values
        .iter()
        .map(|one| (one.name.as_str(), one.value, one.doc.as_str()))
        .collect();
    codes(
        out,
        &Codes {
            name: &list.name,
            doc: &list.doc,
            repr: "u8",
            values: values.clone(),
        },
    );
    if list.values.iter().any(|one| one.words.is_some()) {
        let words = |value: &(&str, u64, &str)| {
            let found = list.values.iter().find(|one| one.value == value.1);
            found.and_then(|one| one.words).unwrap_or(0).to_string()
        };
        let _ = writeln!(out, "\nimpl {} {{", list.name);
        let start = out.len();
        method(
            out,
            "words",
            "Words or cells that one of it takes.",
            "u64",
            &values,
            words,
        );
        out.remove(start);
        out.push_str("}\n");
    }
}

fn events(out: &mut String, events: &[Event]) {
    codes(
        out,
        &Codes {
            name: "EventType",
            doc: "Events.",
            repr: "u8",
            values: events
                .iter()
                .map(|event| (event.name.as_str(), event.value, event.doc.as_str()))
                .collect(),
        },
    );
    out.push_str("\nimpl EventType {\n");
    let start = out.len();
    let returns = "&'static [&'static str]";
    method(
        out,
        "fields",
        "Its fields, in order.",
        returns,
        events,
        |event| {
            let fields: Vec<_> = event
                .fields
                .iter()
                .map(|name| format!("\"{name}\""))
                .collect();
            format!("&[{}]", fields.join(", "))
        },
    );
    out.remove(start);
    out.push_str("}\n");
}

fn output(out: &mut String, schema: &Schema) {
    out.push_str("\n/// Public words before the batch data, in order.\npub mod output {\n");
    for (field, at) in schema.output_offsets() {
        let _ = writeln!(out, "    /// {}", field.doc);
        let _ = writeln!(out, "    pub const {}: usize = {at};", upper(&field.name));
    }
    let words = schema.output_words();
    let _ = writeln!(
        out,
        "    /// Their number.\n    pub const WORDS: usize = {words};\n}}"
    );
}

fn refusals(out: &mut String, refusals: &[Refusal]) {
    codes(
        out,
        &Codes {
            name: "Refusal",
            doc: "Why a command is refused, in the order of checks. Numbers are never reused.",
            repr: "u16",
            values: refusals
                .iter()
                .map(|one| (one.name.as_str(), one.code, one.text.as_str()))
                .collect(),
        },
    );
    out.push_str("\nimpl Refusal {\n");
    let start = out.len();
    method(
        out,
        "text",
        "What is wrong, in words.",
        "&'static str",
        refusals,
        |one| format!("\"{}\"", one.text),
    );
    let doc = "Whether the same command may be accepted later.";
    method(out, "is_transient", doc, "bool", refusals, |one| {
        one.transient.to_string()
    });
    out.remove(start);
    out.push_str(
        "}\n\nimpl core::fmt::Display for Refusal {\n    \
         fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {\n        \
         write!(f, \"{} {}: {}\", self.code(), self.name(), self.text())\n    }\n}\n\n\
         impl core::error::Error for Refusal {}\n",
    );
}
