//! The page of refusals.

use std::fmt::Write as _;

use super::NOTICE;
use super::model::Schema;

/// `docs/spec/refusals.md`.
pub(super) fn refusals(schema: &Schema) -> String {
    let mut out = format!(
        "<!-- {NOTICE} -->\n# Refusals\n\n\
         Top to bottom is the order of checks: of several reasons the first one listed is given
(but a conditional order's partner is looked for last). \
         Numbers are\nstable and never reused: 1xxx admission, 2xxx margin and balances, 3xxx \
         matching, 4xxx time and\nprices, 5xxx L1. *Later* says whether the very same command may \
         be accepted later.\n\nA refused command changes nothing. Requests from L1 are never \
         refused: the code is part of their outcome\n(all of 5002 and above, and 1002, 2003, 2004, \
         4102 there). Codes marked \"in events only\" say why a\nmaker was removed or a taker \
         stopped.\n\n| code | name | meaning | later |\n|---|---|---|---|\n"
    );
    for one in &schema.refusals {
        let later = if one.transient { "yes" } else { "no" };
        let _ = writeln!(
            out,
            "| {} | `{}` | {} | {later} |",
            one.code, one.name, one.text
        );
    }
    out
}
