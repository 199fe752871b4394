//! The Python constants: typed, and laid out as `ruff format` wants them.

use std::fmt::Write as _;

use super::NOTICE;
use super::model::Schema;
use super::names::upper;

fn head(imports: &str) -> String {
    format!("\"\"\"{NOTICE}\"\"\"\n\n{imports}")
}

/// The package's own file.
pub(super) fn package() -> String {
    format!("\"\"\"{NOTICE}\"\"\"\n")
}

/// Numbers of the rule book.
pub(super) fn constants(schema: &Schema) -> String {
    let mut out = head("from typing import Final\n");
    for group in &schema.groups {
        let _ = writeln!(out, "\n# {}\n", group.doc);
        for one in &group.constants {
            let _ = writeln!(out, "# {}\n{}: Final = {}", one.doc, one.name, one.value);
        }
    }
    out
}

/// Felt indices of each leaf.
pub(super) fn leaves(schema: &Schema) -> String {
    let mut out = head("from enum import IntEnum\n");
    for leaf in &schema.leaves {
        let name = super::names::camel(&leaf.name);
        let _ = writeln!(
            out,
            "\n\nclass {name}Felt(IntEnum):\n    \"\"\"{}\"\"\"\n",
            leaf.doc
        );
        for (index, field) in leaf.fields.iter().enumerate() {
            let _ = writeln!(out, "    {} = {index}", upper(field));
        }
    }
    out
}

/// Kinds, sides, types, reasons.
pub(super) fn codes(schema: &Schema) -> String {
    let mut out = head("from enum import IntEnum\nfrom typing import Final\n");
    for list in &schema.enums {
        let _ = writeln!(
            out,
            "\n\nclass {}(IntEnum):\n    \"\"\"{}\"\"\"\n",
            list.name, list.doc
        );
        for one in &list.values {
            let _ = writeln!(
                out,
                "    # {}\n    {} = {}",
                one.doc,
                upper(&one.name),
                one.value
            );
        }
    }
    out.push_str("\n\n");
    for list in &schema.enums {
        if list.values.iter().all(|one| one.words.is_none()) {
            continue;
        }
        let _ = writeln!(out, "# Words or cells that one of each takes.");
        let name = super::names::screaming(&list.name);
        let _ = writeln!(out, "{name}_WORDS: Final = {{");
        for one in &list.values {
            let variant = upper(&one.name);
            let words = one.words.unwrap_or(0);
            let _ = writeln!(out, "    {}.{variant}: {words},", list.name);
        }
        out.push_str("}\n");
    }
    out
}

/// Event types and their fields.
pub(super) fn events(schema: &Schema) -> String {
    let mut out = head("from enum import IntEnum\nfrom typing import Final\n");
    out.push_str("\n\nclass EventType(IntEnum):\n    \"\"\"Events.\"\"\"\n\n");
    for event in &schema.events {
        let _ = writeln!(
            out,
            "    # {}\n    {} = {}",
            event.doc,
            upper(&event.name),
            event.value
        );
    }
    out.push_str("\n\n# The fields of each event, in order.\n");
    out.push_str("EVENT_FIELDS: Final[dict[EventType, tuple[str, ...]]] = {\n");
    for event in &schema.events {
        let name = upper(&event.name);
        if let [field] = event.fields.as_slice() {
            let _ = writeln!(out, "    EventType.{name}: (\"{field}\",),");
            continue;
        }
        let _ = writeln!(out, "    EventType.{name}: (");
        for field in &event.fields {
            let _ = writeln!(out, "        \"{field}\",");
        }
        out.push_str("    ),\n");
    }
    out.push_str("}\n");
    out
}

/// Refusals in the order of checks.
pub(super) fn refusals(schema: &Schema) -> String {
    let mut out = head("from enum import IntEnum\nfrom typing import Final\n");
    out.push_str("\n\nclass Refusal(IntEnum):\n");
    out.push_str("    \"\"\"Why a command is refused, in the order of checks.\"\"\"\n\n");
    for one in &schema.refusals {
        let _ = writeln!(out, "    {} = {}", upper(&one.name), one.code);
    }
    out.push_str("\n\n# What is wrong, in words.\nREFUSAL_TEXT: Final[dict[Refusal, str]] = {\n");
    for one in &schema.refusals {
        let line = format!("    Refusal.{}: \"{}\",", upper(&one.name), one.text);
        if line.len() <= 100 {
            let _ = writeln!(out, "{line}");
        } else {
            let _ = writeln!(out, "    Refusal.{}: (", upper(&one.name));
            let _ = writeln!(out, "        \"{}\"\n    ),", one.text);
        }
    }
    out.push_str("}\n\n# Those after which the same command may be accepted later.\n");
    out.push_str("TRANSIENT: Final[frozenset[Refusal]] = frozenset(\n    {\n");
    for one in schema.refusals.iter().filter(|one| one.transient) {
        let _ = writeln!(out, "        Refusal.{},", upper(&one.name));
    }
    out.push_str("    }\n)\n");
    out
}

/// Offsets of the public words.
pub(super) fn output(schema: &Schema) -> String {
    let mut out = head("from enum import IntEnum\nfrom typing import Final\n");
    out.push_str("\n\nclass Output(IntEnum):\n");
    out.push_str("    \"\"\"First word of each public field; the batch data follow.\"\"\"\n\n");
    for (field, at) in schema.output_offsets() {
        let _ = writeln!(
            out,
            "    # {}\n    {} = {at}",
            field.doc,
            upper(&field.name)
        );
    }
    let _ = writeln!(out, "\n\nOUTPUT_WORDS: Final = {}", schema.output_words());
    out
}
