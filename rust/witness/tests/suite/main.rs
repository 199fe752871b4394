//! The batch program against the engine: whole batches, forced refusals, wrong advice, cost.
mod scenario;
mod support;
mod vectors;
