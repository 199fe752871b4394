//! A venue that is driven command by command, with the development keys of a seed: what
//! `zkperp script` runs on.

use std::path::{Path, PathBuf};

use thiserror::Error;
use zkperp_engine::{
    Effects, Engine, Envelope, Outcome, Refusal, SealError, SealedBatch, State, Verify, keeper,
};
use zkperp_flow::Keys;
use zkperp_tree::Tree;

use crate::directory::{BatchSummary, DirectoryError, write};
use crate::venue::{Genesis, GenesisError};

/// Whose key signs a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// Its sender's; a sub-account has its master's. An oracle's report is signed by its own key.
    Sender,
    /// Another account's: to see what becomes of such a command.
    Account(u32),
    /// Nobody's.
    Nobody,
}

/// A batch can't be sealed or written.
#[derive(Debug, Error)]
pub enum DeskError {
    /// It can't be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Its directory can't be written.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// A venue with the keys of its seed.
#[derive(Debug)]
pub struct Desk {
    keys: Keys,
    engine: Engine,
    /// The tree at the last seal.
    old: Tree,
}

impl Desk {
    /// The venue at its genesis.
    ///
    /// # Errors
    /// [`GenesisError`].
    pub fn new(
        genesis: &Genesis,
        chain_id: u64,
        rollup: &[u8; 20],
        seed: u64,
    ) -> Result<Self, GenesisError> {
        let engine = genesis.engine(chain_id, rollup)?;
        let oracles = engine.state().config().oracles.count_ones() as u8;
        Ok(Self {
            keys: Keys::new(seed, 0, oracles),
            old: engine.tree().clone(),
            engine,
        })
    }

    /// The state.
    #[must_use]
    pub const fn state(&self) -> &State {
        self.engine.state()
    }

    /// The keys of the seed, with those of accounts up to this one.
    pub fn keys_to(&mut self, account: u32) -> &Keys {
        self.keys.extend_to(account);
        &self.keys
    }

    /// The command that has to come before any other at this time, if one does: `fund` where funding
    /// falls due on the way, `time` where the step is too wide.
    #[must_use]
    pub fn before(&self, time_ms: u64) -> Option<Envelope> {
        keeper::before(self.engine.state(), time_ms)
    }

    /// Signs and applies a command; the signature is verified like any other.
    ///
    /// # Errors
    /// The [`Refusal`]; nothing has changed then.
    pub fn apply(
        &mut self,
        envelope: &mut Envelope,
        signer: Signer,
    ) -> Result<(Outcome, &Effects), Refusal> {
        let state = self.engine.state();
        match signer {
            Signer::Sender => self.keys.sign(state, envelope),
            Signer::Account(account) => self.keys.sign_as(account, state, envelope),
            Signer::Nobody => envelope.signature = None,
        }
        self.engine.apply(envelope, &Verify)
    }

    /// Closes the open batch, and writes its directory below `out` if there is one.
    ///
    /// # Errors
    /// [`DeskError`]; [`SealError::Empty`] where no command was accepted since the last seal.
    pub fn seal(
        &mut self,
        out: Option<&Path>,
    ) -> Result<(BatchSummary, Option<PathBuf>), DeskError> {
        let batch: SealedBatch = self.engine.seal()?;
        let written = out.map(|out| write(out, &self.old, &batch)).transpose()?;
        self.old = self.engine.tree().clone();
        Ok((BatchSummary::of(&batch), written))
    }
}
