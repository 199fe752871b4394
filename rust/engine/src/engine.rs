//! A state with its tree: commands go in, sealed batches come out.

use thiserror::Error;
use zkperp_schema::{self as schema, Refusal};
use zkperp_tree::{Tree, TreeError, digest_to_words};

use crate::batch::{Accepted, PublicWords, SealedBatch};
use crate::command::{Command, Envelope, Outcome, RequestWords};
use crate::effects::{Effects, Withdrawal};
use crate::genesis::{VenueError, VenueParams};
use crate::leaf;
use crate::message::{DigestWords, Domain};
use crate::restore::RestoreError;
use crate::signatures::Signatures;
use crate::state::{LeafChange, State};

/// What was accepted since the last seal.
#[derive(Clone, Debug)]
struct OpenBatch {
    accepted: Vec<Accepted>,
    requests: Vec<RequestWords>,
    withdrawals: Vec<Withdrawal>,
    command_words: u64,
    requests_before: u64,
    log_before: DigestWords,
    first_time_ms: u64,
}

impl OpenBatch {
    fn after(state: &mut State) -> Self {
        Self {
            accepted: Vec::new(),
            requests: Vec::new(),
            withdrawals: Vec::new(),
            command_words: 0,
            requests_before: state.requests_done(),
            log_before: state.log_chain(),
            first_time_ms: state.time_ms(),
        }
    }

    fn push(&mut self, envelope: &Envelope, outcome: Outcome, effects: &Effects) {
        if let Command::Request(request) = &envelope.command {
            self.requests.push(request.words);
        }
        self.withdrawals.extend_from_slice(&effects.withdrawals);
        self.command_words += effects.record.words().len() as u64;
        self.accepted.push(Accepted {
            envelope: envelope.clone(),
            outcome,
            record: effects.record.clone(),
            advice: effects.advice.clone(),
            events: effects.events.clone(),
        });
    }
}

/// A batch can't be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// Nothing was accepted since the last seal.
    #[error("the batch has no command")]
    Empty,
    /// The tree refused the leaves.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// A tree does not hold a state.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OpenError {
    /// The tree's depth is another.
    #[error("the tree's depth is {0}, not 40")]
    Depth(u32),
    /// Leaves were written since the tree's last seal.
    #[error("the tree is not sealed")]
    Unsealed,
    /// Its leaves are no state.
    #[error(transparent)]
    Restore(#[from] RestoreError),
}

/// A venue: its state, the tree that commits to it, and the open batch.
#[derive(Clone, Debug)]
pub struct Engine {
    state: State,
    tree: Tree,
    batch: OpenBatch,
    effects: Effects,
}

impl Engine {
    /// A venue before its first command.
    ///
    /// # Errors
    /// [`VenueError`].
    pub fn genesis(venue: &VenueParams) -> Result<Self, VenueError> {
        let mut state = State::genesis(venue)?;
        let leaves: Vec<_> = state
            .leaves()
            .into_iter()
            .map(|(addr, words)| (addr, leaf::to_tree(&words)))
            .collect();
        let mut tree = Tree::new(schema::TREE_DEPTH as u32)
            .expect("Invariant: the specification's tree depth is one");
        tree.update(&leaves)
            .expect("Invariant: genesis writes an address twice or out of range");
        tree.seal();
        Ok(Self::new(state, tree))
    }

    /// A venue whose state a sealed tree holds.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn from_tree(domain: Domain, tree: Tree) -> Result<Self, OpenError> {
        if u64::from(tree.depth()) != schema::TREE_DEPTH {
            return Err(OpenError::Depth(tree.depth()));
        }
        if !tree.is_sealed() {
            return Err(OpenError::Unsealed);
        }
        let leaves = tree
            .leaves()
            .map(|(addr, leaf)| (addr, leaf::from_tree(leaf)));
        let state = State::from_leaves(domain, leaves)?;
        Ok(Self::new(state, tree))
    }

    fn new(mut state: State, tree: Tree) -> Self {
        let batch = OpenBatch::after(&mut state);
        Self {
            state,
            tree,
            batch,
            effects: Effects::new(),
        }
    }

    /// The state.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The state, for questions that settle what it computes late: its leaves and log chain.
    ///
    /// Commands belong into [`apply`](Self::apply): what is applied here is missing from the batch.
    pub const fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// The tree as it was at the last seal.
    #[must_use]
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The root at the last seal.
    #[must_use]
    pub fn root(&self) -> DigestWords {
        digest_to_words(&self.tree.root())
    }

    /// Commands accepted since the last seal.
    #[must_use]
    pub const fn open_commands(&self) -> usize {
        self.batch.accepted.len()
    }

    /// Applies a command and records it in the open batch, or refuses it.
    ///
    /// # Errors
    /// The [`Refusal`]; nothing has changed then.
    pub fn apply<S: Signatures>(
        &mut self,
        envelope: &Envelope,
        signatures: &S,
    ) -> Result<(Outcome, &Effects), Refusal> {
        let outcome = self.state.apply(envelope, signatures, &mut self.effects)?;
        self.batch.push(envelope, outcome, &self.effects);
        Ok((outcome, &self.effects))
    }

    /// Closes the open batch: the changed leaves go to the tree, which gives the new root.
    ///
    /// # Errors
    /// [`SealError`]; nothing has changed then.
    pub fn seal(&mut self) -> Result<SealedBatch, SealError> {
        if self.batch.accepted.is_empty() {
            return Err(SealError::Empty);
        }
        let old_root = self.root();
        let changes = self.state.seal();
        let log_after = self.state.log_chain();
        self.write(&changes)?;
        let next = OpenBatch::after(&mut self.state);
        let batch = std::mem::replace(&mut self.batch, next);
        let public = PublicWords {
            domain: *self.state.domain(),
            batch_number: self.state.batch_number(),
            requests_before: batch.requests_before,
            requests_count: batch.requests.len() as u64,
            withdrawals_count: batch.withdrawals.len() as u64,
            commands_count: batch.accepted.len() as u64,
            command_words: batch.command_words,
            log_before: batch.log_before,
            log_after,
            first_time_ms: batch.first_time_ms,
            last_time_ms: self.state.time_ms(),
        };
        Ok(SealedBatch {
            old_root,
            new_root: self.root(),
            public,
            requests: batch.requests,
            withdrawals: batch.withdrawals,
            accepted: batch.accepted,
            changes,
        })
    }

    fn write(&mut self, changes: &[LeafChange]) -> Result<(), TreeError> {
        let leaves: Vec<_> = changes
            .iter()
            .map(|change| (change.addr, leaf::to_tree(&change.new)))
            .collect();
        self.tree.update(&leaves)?;
        self.tree.seal();
        Ok(())
    }

    /// Undoes everything since the last seal.
    pub fn rollback(&mut self) {
        self.state.rollback();
        self.batch = OpenBatch::after(&mut self.state);
    }

    /// Closes a batch whose log chain is known from elsewhere, and says what the new root is.
    pub(crate) fn seal_with_chain(&mut self, chain: &DigestWords) -> Result<(), TreeError> {
        self.state.set_log_chain(chain);
        let changes = self.state.seal();
        self.write(&changes)?;
        self.batch = OpenBatch::after(&mut self.state);
        Ok(())
    }
}
