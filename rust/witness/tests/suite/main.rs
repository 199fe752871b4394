//! x
mod cost;
mod desk;
mod flow;
mod forced;
mod support;
