//! The program's input for a batch, its run, and the comparison with the engine.

use std::collections::BTreeMap;

use zkperp_engine::{Command, SealedBatch};
use zkperp_field::F;
use zkperp_field::PrimeCharacteristicRing;
use zkperp_signature::Signature;
use zkperp_tree::{Tree, digest_to_words};
use zkperp_vm::builtins::state::StateInput;
use zkperp_vm::runner::touched_leaves;
use zkperp_vm::{Input, Program, Run, RunOptions};

use crate::advice::{AdviceWriter, advice, word};
use crate::error::WitnessError;
use crate::leaves::candidates;

/// The input of the batch program for a sealed batch; `old` is the tree before it.
///
/// The program runs once without a trace, to learn which leaves it touches.
///
/// # Errors
/// When the batch has no run: see [`WitnessError`].
pub fn batch_input(
    program: &Program,
    old: &Tree,
    batch: &SealedBatch,
    options: &RunOptions,
) -> Result<Input, WitnessError> {
    if digest_to_words(&old.root()) != batch.old_root {
        return Err(WitnessError::OtherTree {
            batch: batch.public.batch_number,
        });
    }
    let mut writer = AdviceWriter::new(old)?;
    let mut records = Vec::new();
    for accepted in &batch.accepted {
        records.extend(writer.record(&accepted.envelope, &accepted.advice, &accepted.outcome)?);
    }
    let mut input = Input {
        named: named(batch),
        advice: advice(&records, writer.places()),
        state: Some(StateInput {
            depth: old.depth(),
            leaves: candidates(old, batch)?,
            frontier: Vec::new(),
        }),
        signatures: signatures(batch)?,
    };
    let touched = touched_leaves(program, &input, options)?;
    let addresses: Vec<u64> = touched.iter().map(|leaf| leaf.addr).collect();
    input.state = Some(StateInput {
        depth: old.depth(),
        leaves: touched.iter().map(|leaf| (leaf.addr, leaf.old)).collect(),
        frontier: old.prove_many(&addresses)?,
    });
    Ok(input)
}

/// Runs the batch program on a sealed batch and checks that it says what the engine said.
///
/// # Errors
/// When the batch has no run, or another outcome: see [`WitnessError`].
pub fn run_batch(
    program: &Program,
    old: &Tree,
    batch: &SealedBatch,
    options: &RunOptions,
) -> Result<Run, WitnessError> {
    let input = batch_input(program, old, batch, options)?;
    let run = zkperp_vm::run(program, &input, options)?;
    check_run(&run, batch)?;
    Ok(run)
}

/// Whether a run's output and roots are the engine's.
///
/// # Errors
/// The first difference.
pub fn check_run(run: &Run, batch: &SealedBatch) -> Result<(), WitnessError> {
    let got: Vec<u64> = run.output().iter().map(|felt| word(*felt)).collect();
    let expected = batch.output();
    let differs = |i: &usize| got.get(*i) != expected.get(*i);
    if let Some(index) = (0..got.len().max(expected.len())).find(differs) {
        return Err(WitnessError::Output {
            index,
            got: got.get(index).copied(),
            expected: expected.get(index).copied(),
        });
    }
    let root = run.state.as_ref().map(|state| &state.root);
    if root.map(|root| digest_to_words(&root.old)) != Some(batch.old_root) {
        return Err(WitnessError::Root { which: "old" });
    }
    if root.map(|root| digest_to_words(&root.new)) != Some(batch.new_root) {
        return Err(WitnessError::Root { which: "new" });
    }
    Ok(())
}

/// The counts and the domain, which the program publishes and the contract compares.
fn named(batch: &SealedBatch) -> BTreeMap<String, F> {
    let public = &batch.public;
    let [rollup0, rollup1, rollup2] = public.domain.rollup;
    [
        ("chain_id", public.domain.chain_id),
        ("rollup0", rollup0),
        ("rollup1", rollup1),
        ("rollup2", rollup2),
        ("requests_count", public.requests_count),
        ("withdrawals_count", public.withdrawals_count),
        ("commands_count", public.commands_count),
        ("command_words", public.command_words),
    ]
    .map(|(name, value)| (name.to_owned(), F::from_u64(value)))
    .into()
}

/// The signatures of the signed commands, in order.
fn signatures(batch: &SealedBatch) -> Result<Vec<Signature>, WitnessError> {
    let signed = batch.accepted.iter().enumerate().filter(|(_, accepted)| {
        matches!(
            accepted.envelope.command,
            Command::Oracle(_) | Command::User(_) | Command::Quote(_)
        )
    });
    signed
        .map(|(command, accepted)| {
            let bytes = accepted.envelope.signature.as_ref();
            let bytes = bytes.ok_or(WitnessError::NoSignature { command })?;
            Signature::from_bytes(bytes)
                .map_err(|refusal| WitnessError::BadSignature { command, refusal })
        })
        .collect()
}
