//! How bad witnesses are made, checked and proven.

pub(crate) mod assembly;
pub(crate) mod base;
pub(crate) mod case;
pub(crate) mod dropping;
pub(crate) mod forged;
pub(crate) mod machine;
pub(crate) mod recorded;
pub(crate) mod settle;
pub(crate) mod statement;
pub(crate) mod tree;
pub(crate) mod witness;
