//! Time, form, sender, nonce and signature: docs/spec/commands.md § 3 and § 4.

use zkperp_engine::{
    Command, Envelope, Message, OrderType, Recorded, Refusal, Sender, Side, UserCommand,
    VenueParams, Verify,
};
use zkperp_signature::SecretKey;

use crate::desk::{Desk, MARK, START_MS, deposit, gtt, venue};

fn refused(desk: &mut Desk, command: UserCommand, refusal: Refusal) {
    assert_eq!(desk.user(command), Err(refusal), "{command:?}");
}

#[test]
fn time_neither_goes_back_nor_jumps() {
    let mut desk = Desk::open();
    let now = desk.now_ms;
    let sender = desk.sender(1);
    let cancel = Command::User(sender.cancel(1));
    for (time_ms, refusal) in [
        (now - 1, Refusal::TimeBackwards),
        (now + 4096, Refusal::TimeStepTooLarge),
        (u64::MAX, Refusal::TimeStepTooLarge),
        // The step is right, so the command's own check speaks.
        (now, Refusal::UnknownOrder),
        (now + 999, Refusal::UnknownOrder),
    ] {
        let envelope = Envelope {
            time_ms,
            command: cancel.clone(),
            signature: None,
        };
        assert_eq!(desk.apply(&envelope), Err(refusal));
    }
    desk.now_ms = now + 4095;
    let sender = desk.sender(1);
    desk.user(sender.burn_nonce()).unwrap();
    assert_eq!(desk.state.time_ms(), now + 4095);
}

#[test]
fn a_time_command_steps_any_width_but_not_back_and_not_past_the_greatest_time() {
    let mut desk = Desk::bare();
    desk.now_ms = START_MS - 1;
    assert_eq!(desk.command(Command::Time), Err(Refusal::TimeBackwards));
    desk.now_ms = START_MS + 2_000_000;
    let outcome = desk.command(Command::Time).unwrap();
    assert_eq!(outcome.0, [0, START_MS + 2_000_000, 0, 0]);
    desk.now_ms = 1 << 44;
    assert_eq!(desk.command(Command::Time), Err(Refusal::Malformed));
    // The last hour that a clock can reach, and the last moment of it.
    let last = VenueParams {
        start_time_ms: (1 << 44) - 2,
        ..venue()
    };
    let mut desk = Desk::genesis(&last);
    desk.now_ms = (1 << 44) - 1;
    desk.command(Command::Time).unwrap();
    // A step that a user command may make, but to a time that does not exist.
    desk.now_ms = 1 << 44;
    let sender = desk.sender(1);
    refused(&mut desk, sender.cancel(1), Refusal::Malformed);
}

#[test]
fn fields_are_within_their_widths_and_unused_ones_zero() {
    let mut desk = Desk::open();
    let sender = desk.sender(1);
    let place = sender.place(gtt(Side::Bid, MARK, 1));
    let (cancel, amend) = (sender.cancel(1), sender.amend(1, 1, 1));
    let (transfer, leverage) = (sender.transfer(2, 1), sender.set_leverage(1, 1));
    let (withdraw, burn) = (sender.withdraw(1), sender.burn_nonce());
    let (named, deadline) = (sender.cancel_named(1), sender.set_deadline(0));
    type Change = fn(&mut UserCommand);
    let cases: [(UserCommand, Change); 46] = [
        (cancel, |c| c.kind = 0),
        (cancel, |c| c.kind = 1),
        (cancel, |c| c.kind = 3),
        (cancel, |c| c.kind = 12),
        (cancel, |c| c.kind = 13),
        (cancel, |c| c.kind = 20),
        (cancel, |c| c.kind = 23),
        (cancel, |c| c.kind = 24),
        (cancel, |c| c.kind = 255),
        (cancel, |c| c.key = 14),
        (cancel, |c| c.nonce = 1 << 48),
        (cancel, |c| c.valid_until_ms = 1 << 44),
        (cancel, |c| c.market = 1),
        (cancel, |c| c.side = 1),
        (cancel, |c| c.order_type = 1),
        (cancel, |c| c.words[0] = 1 << 48),
        (cancel, |c| c.words[1] = 1),
        (cancel, |c| c.words[2] = 1),
        (cancel, |c| c.words[3] = 1),
        (named, |c| c.words[0] = 1 << 48),
        (named, |c| c.words[1] = 1),
        (deadline, |c| c.words[0] = 1 << 44),
        (deadline, |c| c.market = 1),
        (amend, |c| c.words[1] = 1 << 32),
        (amend, |c| c.words[2] = 1 << 40),
        (withdraw, |c| c.words[0] = 1 << 58),
        (burn, |c| c.words[0] = 1),
        (transfer, |c| c.words[0] = 1 << 32),
        (transfer, |c| c.words[1] = 1 << 58),
        (transfer, |c| c.words[2] = 1),
        (transfer, |c| c.market = 1),
        (leverage, |c| c.words[0] = 1 << 20),
        (leverage, |c| c.words[1] = 1),
        (leverage, |c| c.order_type = 1),
        (leverage, |c| c.market = 32),
        (place, |c| c.market = 32),
        (place, |c| c.side = 2),
        (place, |c| c.order_type = 6),
        (place, |c| c.order_type = 7),
        (place, |c| c.words[0] = 1 << 32),
        (place, |c| c.words[1] += 1 << 45),
        (place, |c| c.words[1] = 1 << 48),
        // A client id and the option that says so go together.
        (place, |c| c.words[1] += 16 << 40),
        (place, |c| c.words[3] = 1),
        (place, |c| {
            c.words[1] += 16 << 40;
            c.words[3] = 1 << 48;
        }),
        (place, |c| c.words[2] = 1 << 44),
    ];
    for (mut command, change) in cases {
        change(&mut command);
        refused(&mut desk, command, Refusal::Malformed);
    }
}

#[test]
fn the_sender_has_an_account_a_key_and_a_message_that_still_holds() {
    let mut desk = Desk::open();
    let good = desk.sender(1);
    let nobody = Sender {
        account: 99,
        ..good
    };
    refused(&mut desk, nobody.cancel(1), Refusal::UnknownAccount);
    let no_key = Sender { key: 1, ..good };
    refused(&mut desk, no_key.cancel(1), Refusal::UnknownKey);
    let late = Sender {
        valid_until_ms: desk.now_ms,
        ..good
    };
    refused(&mut desk, late.cancel(1), Refusal::MessageExpired);
    let last_moment = Sender {
        valid_until_ms: desk.now_ms + 1,
        ..good
    };
    refused(&mut desk, last_moment.cancel(1), Refusal::UnknownOrder);
}

#[test]
fn an_account_without_a_key_or_never_opened_sends_nothing() {
    let mut desk = Desk::open();
    let mut keyless = deposit(9, 1);
    keyless[7..].fill(0);
    desk.request(keyless).unwrap();
    let sender = Sender {
        account: 9,
        ..desk.sender(1)
    };
    refused(&mut desk, sender.cancel(1), Refusal::UnknownKey);
    // Rejected requests name accounts too; naming opens none.
    let forced = [2, 77, 1, 7, 9, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(desk.request(forced).unwrap().code(), 1002);
    let sender = Sender {
        account: 77,
        ..sender
    };
    refused(&mut desk, sender.cancel(1), Refusal::UnknownAccount);
}

#[test]
fn nonces_only_rise_and_only_so_far() {
    let mut desk = Desk::open();
    let at = |nonce| Sender {
        nonce,
        ..Desk::open().sender(1)
    };
    refused(&mut desk, at(0).cancel(1), Refusal::NonceUsed);
    refused(&mut desk, at(16_384).cancel(1), Refusal::NonceTooFar);
    desk.user(at(16_383).place(gtt(Side::Bid, MARK, 1)))
        .unwrap();
    refused(&mut desk, at(16_383).cancel(1), Refusal::NonceUsed);
    refused(
        &mut desk,
        at(16_383 * 2 + 1).cancel(1),
        Refusal::NonceTooFar,
    );
    // Burning may jump as far as there are nonces, and ends the key.
    let last = (1 << 48) - 1;
    let outcome = desk.user(at(last).burn_nonce()).unwrap();
    assert_eq!(outcome.0, [0, last, 0, 0]);
    assert_eq!(desk.effects.record.words()[1], last);
    refused(&mut desk, at(last).cancel(1), Refusal::NonceUsed);
    refused(&mut desk, at(last).burn_nonce(), Refusal::NonceUsed);
}

#[test]
fn checks_speak_in_the_order_of_the_text() {
    let mut desk = Desk::open();
    // Everything is wrong with this one; each repair uncovers the next refusal.
    let mut command = Sender {
        account: 99,
        key: 1,
        nonce: 0,
        valid_until_ms: 0,
    }
    .place(gtt(Side::Bid, 0, 0));
    command.side = 2;
    let mut speak = |command: &UserCommand, good: bool| {
        let envelope = Envelope {
            time_ms: desk.now_ms,
            command: Command::User(*command),
            signature: None,
        };
        desk.apply_with(&envelope, &Recorded(good)).unwrap_err()
    };
    assert_eq!(speak(&command, false), Refusal::Malformed);
    command.side = 0;
    assert_eq!(speak(&command, false), Refusal::UnknownAccount);
    command.account = 1;
    assert_eq!(speak(&command, false), Refusal::UnknownKey);
    command.key = 0;
    assert_eq!(speak(&command, false), Refusal::MessageExpired);
    command.valid_until_ms = (1 << 44) - 1;
    assert_eq!(speak(&command, false), Refusal::NonceUsed);
    command.nonce = 20_000;
    assert_eq!(speak(&command, false), Refusal::NonceTooFar);
    command.nonce = 1;
    assert_eq!(speak(&command, false), Refusal::BadSignature);
    assert_eq!(speak(&command, true), Refusal::BadPrice);
    command.market = 7;
    assert_eq!(speak(&command, true), Refusal::UnknownMarket);
}

#[test]
fn a_signature_is_of_this_message_by_this_key() {
    let mut desk = Desk::open();
    let secret = SecretKey::from_seed(&[1; 32]);
    let command = desk.sender(1).place(gtt(Side::Bid, MARK, 3));
    let hash = Message::user(&venue().domain, &command).hash();
    let signature = zkperp_signature::sign(&secret, &hash).to_bytes();
    let mut envelope = Envelope {
        time_ms: desk.now_ms,
        command: Command::User(command),
        signature: None,
    };
    let bad = Err(Refusal::BadSignature);
    assert_eq!(desk.apply_with(&envelope, &Verify), bad);
    for bit in [0, 320, 639] {
        let mut flipped = signature;
        flipped[bit / 8] ^= 1 << (bit % 8);
        envelope.signature = Some(flipped);
        assert_eq!(desk.apply_with(&envelope, &Verify), bad);
    }
    envelope.signature = Some([0xff; 80]);
    assert_eq!(desk.apply_with(&envelope, &Verify), bad);
    envelope.signature = Some(signature);
    let mut other = command;
    other.order_type = OrderType::PostOnly.code();
    envelope.command = Command::User(other);
    assert_eq!(desk.apply_with(&envelope, &Verify), bad);
    envelope.command = Command::User(command);
    desk.apply_with(&envelope, &Verify).unwrap();
}
