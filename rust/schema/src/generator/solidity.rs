//! The Solidity constants.

use std::fmt::Write as _;

use super::NOTICE;
use super::model::Schema;
use super::names::{grouped, screaming, upper};

fn constant(out: &mut String, name: &str, value: u64, doc: &str) {
    let value = grouped(value.into());
    let _ = writeln!(out, "    /// @dev {doc}");
    let _ = writeln!(out, "    uint256 internal constant {name} = {value};");
}

/// Every number that a contract may need; what it does not use costs nothing.
pub(super) fn file(schema: &Schema) -> String {
    let mut out = format!(
        "// SPDX-License-Identifier: Apache-2.0\n// {NOTICE}\npragma solidity ^0.8.28;\n\n"
    );
    out.push_str("/// @title Numbers of the rule book.\nlibrary Schema {\n");
    for group in &schema.groups {
        for one in &group.constants {
            constant(&mut out, &one.name, one.value, &one.doc);
        }
    }
    for list in &schema.enums {
        let prefix = screaming(&list.name);
        for one in &list.values {
            let name = format!("{prefix}_{}", upper(&one.name));
            constant(&mut out, &name, one.value, &one.doc);
        }
    }
    out.push_str("}\n\n/// @title Public words before the batch data, in order.\n");
    out.push_str("library OutputLayout {\n");
    for (field, at) in schema.output_offsets() {
        constant(&mut out, &upper(&field.name), at, &field.doc);
    }
    constant(&mut out, "WORDS", schema.output_words(), "Their number.");
    out.push_str("}\n");
    out
}
