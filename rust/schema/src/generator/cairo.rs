//! The Cairo constants and leaf structs.

use std::fmt::Write as _;

use super::NOTICE;
use super::model::{LEAF, Schema};
use super::names::{camel, screaming, upper};

fn constant(out: &mut String, name: &str, value: u64, doc: &str) {
    let _ = writeln!(out, "// {doc}\nconst {name} = {value};");
}

/// Numbers of the rule book. The prime itself is no felt and is left out.
pub(super) fn constants(schema: &Schema) -> String {
    let mut out = format!("// {NOTICE}\n");
    for group in &schema.groups {
        let _ = writeln!(out, "\n// --- {}\n", group.doc);
        for one in group.constants.iter().filter(|one| one.name != "P") {
            constant(&mut out, &one.name, one.value, &one.doc);
        }
    }
    out
}

/// One struct of eight felts for each leaf.
pub(super) fn leaves(schema: &Schema) -> String {
    let mut out = format!("// {NOTICE}\n");
    for leaf in &schema.leaves {
        let _ = writeln!(out, "\n// {}", leaf.doc);
        let _ = writeln!(out, "struct {}Leaf {{", camel(&leaf.name));
        for field in &leaf.fields {
            let _ = writeln!(out, "    {field}: felt,");
        }
        for index in leaf.fields.len()..LEAF {
            let _ = writeln!(out, "    reserved{index}: felt,");
        }
        out.push_str("}\n");
    }
    out
}

/// Kinds, sides, types, reasons, refusals. Events are no business of the program.
pub(super) fn codes(schema: &Schema) -> String {
    let mut out = format!("// {NOTICE}\n");
    for list in &schema.enums {
        let _ = writeln!(out, "\n// --- {}\n", list.doc);
        let prefix = screaming(&list.name);
        for one in &list.values {
            let name = format!("{prefix}_{}", upper(&one.name));
            constant(&mut out, &name, one.value, &one.doc);
            if let Some(words) = one.words {
                let _ = writeln!(out, "const {name}_WORDS = {words};");
            }
        }
    }
    out.push_str("\n// --- Refusals, in the order of checks.\n\n");
    for refusal in &schema.refusals {
        let name = format!("REFUSAL_{}", upper(&refusal.name));
        constant(&mut out, &name, refusal.code, &refusal.text);
    }
    out
}

/// The public words before the batch data, as a struct.
pub(super) fn output(schema: &Schema) -> String {
    let mut out = format!(
        "// {NOTICE}\n\nconst OUTPUT_WORDS = {};\n",
        schema.output_words()
    );
    out.push_str("\n// Public words before the batch data, in order.\nstruct PublicWords {\n");
    for field in &schema.output {
        let _ = writeln!(out, "    // {}", field.doc);
        if field.words == 1 {
            let _ = writeln!(out, "    {}: felt,", field.name);
        } else {
            for index in 0..field.words {
                let _ = writeln!(out, "    {}{index}: felt,", field.name);
            }
        }
    }
    out.push_str("}\n");
    out
}
