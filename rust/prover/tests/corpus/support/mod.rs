//! How bad witnesses are made, checked and proven.

pub mod assembly;
pub mod base;
pub mod case;
pub mod dropping;
pub mod forged;
pub mod machine;
pub mod settle;
pub mod witness;
