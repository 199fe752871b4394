//! Sealing, rolling back, replaying: docs/spec/batch.md.

use zkperp_engine::replay::{ReplayError, apply_batch};
use zkperp_engine::{
    AccountType, Command, Engine, Envelope, OracleEntry, OracleReport, Place, RecordError,
    Recorded, Request, SealError, SealedBatch, Sender, Side, UserCommand,
};

use crate::desk::{DUE_MS, MARK, START_MS, deposit, gtt, venue};

fn apply(engine: &mut Engine, command: Command) {
    let time_ms = engine.state().time_ms() + 1;
    let envelope = Envelope {
        time_ms,
        command,
        signature: None,
    };
    engine.apply(&envelope, &Recorded(true)).unwrap();
}

fn user(engine: &mut Engine, account: u32, command: impl Fn(Sender) -> UserCommand) {
    let sender = Sender {
        account,
        key: 0,
        nonce: engine.state().nonce(account, 0) + 3,
        valid_until_ms: START_MS + 10_000_000,
    };
    apply(engine, Command::User(command(sender)));
}

/// A venue with two sealed batches, the second with one command of each kind.
fn two_batches() -> (Engine, SealedBatch, Engine) {
    let mut engine = Engine::genesis(&venue()).unwrap();
    for account in 1..=2 {
        let request = Request {
            number: engine.state().requests_done(),
            words: deposit(account, 1_000_000_000),
        };
        apply(&mut engine, Command::Request(request));
    }
    let first = engine.seal().unwrap();
    assert_eq!(
        (first.public.batch_number, first.public.requests_count),
        (1, 2)
    );
    let before = engine.clone();
    let fund = Envelope {
        time_ms: engine.state().funding_due_ms(),
        command: Command::Fund,
        signature: None,
    };
    engine.apply(&fund, &Recorded(true)).unwrap();
    let timestamp_ms = engine.state().time_ms();
    apply(
        &mut engine,
        Command::Oracle(OracleReport {
            key: 0,
            timestamp_ms,
            entries: [0, 1]
                .map(|market| OracleEntry {
                    market,
                    price_ticks: MARK,
                })
                .to_vec(),
        }),
    );
    apply(&mut engine, Command::Tick { market: 0 });
    user(&mut engine, 1, |s| s.place(gtt(Side::Ask, MARK, 10)));
    user(&mut engine, 1, |s| s.place(gtt(Side::Ask, MARK + 1, 10)));
    user(&mut engine, 2, |s| s.place(gtt(Side::Bid, MARK, 4)));
    user(&mut engine, 1, |s| s.amend(2, MARK + 2, 11));
    user(&mut engine, 1, |s| s.cancel(2));
    user(&mut engine, 2, |s| s.withdraw(5));
    user(&mut engine, 2, Sender::burn_nonce);
    user(&mut engine, 2, |s| {
        s.create_account(AccountType::Isolated, 1)
    });
    user(&mut engine, 2, |s| s.transfer(1 << 31, 6));
    user(&mut engine, 2, |s| s.set_leverage(0, 200_000));
    apply(&mut engine, Command::Time);
    let request = Request {
        number: 2,
        words: deposit(1, 9),
    };
    apply(&mut engine, Command::Request(request));
    let second = engine.seal().unwrap();
    (engine, second, before)
}

#[test]
fn an_empty_batch_is_not_sealed() {
    let mut engine = Engine::genesis(&venue()).unwrap();
    assert_eq!(engine.seal(), Err(SealError::Empty));
    assert_eq!(engine.state().batch_number(), 0);
}

#[test]
fn public_words_say_where_the_batch_begins_and_ends() {
    let (mut engine, batch, mut before) = two_batches();
    let public = batch.public;
    assert_eq!(public.batch_number, 2);
    assert_eq!((public.requests_before, public.requests_count), (2, 1));
    assert_eq!((public.withdrawals_count, public.commands_count), (1, 15));
    assert_eq!(public.log_before, before.state_mut().log_chain());
    assert_eq!(public.log_after, engine.state_mut().log_chain());
    assert_eq!(public.last_time_ms, DUE_MS + 14);
    assert_eq!(batch.old_root, before.root());
    assert_eq!(batch.new_root, engine.root());
    let addresses: Vec<_> = batch.changes.iter().map(|change| change.addr).collect();
    assert!(addresses.is_sorted());
    for change in &batch.changes {
        assert_eq!(before.state_mut().leaf(change.addr), change.old);
        assert_eq!(engine.state_mut().leaf(change.addr), change.new);
    }
}

#[test]
fn the_chain_s_data_alone_lead_to_the_same_state() {
    let (mut engine, batch, mut rebuilt) = two_batches();
    let (old, new) = (batch.old_root, batch.new_root);
    apply_batch(&mut rebuilt, &old, &new, &batch.output()).unwrap();
    assert_eq!(rebuilt.root(), engine.root());
    assert_eq!(rebuilt.state_mut().leaves(), engine.state_mut().leaves());
    assert_eq!(rebuilt.open_commands(), 0);
}

#[test]
fn rollback_restores_the_last_seal_exactly_and_the_engine_goes_on_alike() {
    let (mut engine, _, _) = two_batches();
    let mut sealed = engine.clone();
    let script = |engine: &mut Engine| {
        user(engine, 1, |s| s.place(gtt(Side::Ask, MARK + 4, 1)));
        user(engine, 2, |s| s.place(gtt(Side::Bid, MARK, 2)));
        user(engine, 2, |s| s.place(gtt(Side::Bid, MARK - 7, 2)));
        user(engine, 1, |s| s.cancel(1));
        let request = Request {
            number: engine.state().requests_done(),
            words: deposit(3, 1_000),
        };
        apply(engine, Command::Request(request));
        user(engine, 3, |s| s.withdraw(999));
    };
    script(&mut engine);
    assert_eq!(engine.open_commands(), 6);
    engine.rollback();
    assert_eq!(engine.open_commands(), 0);
    assert_eq!(engine.state_mut().leaves(), sealed.state_mut().leaves());
    engine.state().check().unwrap();
    script(&mut engine);
    script(&mut sealed);
    assert_eq!(engine.seal(), sealed.seal());
}

#[test]
fn altered_data_end_in_a_typed_error_or_at_the_same_root() {
    let (_, batch, before) = two_batches();
    let (old, new) = (batch.old_root, batch.new_root);
    let output = batch.output();
    let mut accepted = 0;
    for at in 0..output.len() {
        for change in [1_u64, 1 << 20, 1 << 51] {
            let mut words = output.clone();
            words[at] = words[at].wrapping_add(change);
            let mut engine = before.clone();
            match apply_batch(&mut engine, &old, &new, &words) {
                Ok(()) => accepted += 1,
                Err(_) => assert_eq!(engine.state().commands(), before.state().commands()),
            }
            let expected = if engine.state().batch_number() == 2 {
                new
            } else {
                old
            };
            assert_eq!(engine.root(), expected);
        }
    }
    // What a later command of the batch undoes leaves no trace: the second order's price, size and
    // expiry, the times before the `time` command, a nonce below a burned one.
    assert!(accepted < 25, "{accepted}");
    for length in 0..output.len() {
        let mut engine = before.clone();
        assert!(apply_batch(&mut engine, &old, &new, &output[..length]).is_err());
    }
    let mut engine = before.clone();
    assert_eq!(
        apply_batch(&mut engine, &new, &new, &output),
        Err(ReplayError::OldRoot)
    );
    assert_eq!(
        apply_batch(&mut engine, &old, &old, &output),
        Err(ReplayError::NewRoot)
    );
}

#[test]
fn counts_that_promise_more_than_the_sections_hold_end_in_a_typed_error() {
    let (_, batch, before) = two_batches();
    let mut words = batch.output();
    words[zkperp_schema::output::COMMANDS_COUNT] = u64::from(u32::MAX);
    let mut engine = before;
    let result = apply_batch(&mut engine, &batch.old_root, &batch.new_root, &words);
    let error = RecordError::Truncated;
    assert_eq!(result, Err(ReplayError::Record { command: 15, error }));
}

#[test]
fn an_open_batch_is_not_replayed_over() {
    let (_, batch, mut before) = two_batches();
    apply(&mut before, Command::Time);
    let result = apply_batch(
        &mut before,
        &batch.old_root,
        &batch.new_root,
        &batch.output(),
    );
    assert_eq!(result, Err(ReplayError::OpenBatch));
}

#[test]
fn a_tree_gives_the_engine_back() {
    let (mut engine, _, _) = two_batches();
    let domain = *engine.state().domain();
    let mut opened = Engine::from_tree(domain, engine.tree().clone()).unwrap();
    assert_eq!(opened.root(), engine.root());
    for engine in [&mut opened, &mut engine] {
        user(engine, 2, |s| {
            s.place(Place {
                lots: 3,
                ..gtt(Side::Bid, MARK, 1)
            })
        });
    }
    assert_eq!(opened.seal(), engine.seal());
}
