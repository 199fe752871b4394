//! Both logs of a batch: written, read, cut short, damaged.

use proptest::prelude::*;
use zkperp_engine::log::commands::{self, CommandLogError, LoggedCommand};
use zkperp_engine::log::events::{self, EventLogError, LoggedEvents};
use zkperp_engine::log::frame::{FrameError, HEADER_BYTES, LogKind, header, push_frame};
use zkperp_engine::{Domain, Effects, Engine, Outcome, Recorded, Refusal, SealedBatch};

fn command_log(batch: &SealedBatch) -> Vec<u8> {
    let mut bytes = header(LogKind::Commands, &batch.public.domain).to_vec();
    for accepted in &batch.accepted {
        let logged = LoggedCommand::new(&accepted.envelope, &accepted.record);
        push_frame(&logged.words(), &mut bytes);
    }
    bytes
}

fn event_log(batch: &SealedBatch) -> Vec<u8> {
    let mut bytes = header(LogKind::Events, &batch.public.domain).to_vec();
    let mut words = Vec::new();
    for (number, accepted) in (7..).zip(&batch.accepted) {
        events::push(
            number,
            Ok(accepted.outcome),
            &accepted.events,
            &mut words,
            &mut bytes,
        );
    }
    events::push(99, Err(Refusal::BadLots), &[], &mut words, &mut bytes);
    bytes
}

/// What is read back is what was written, and applies to the same outcomes.
pub(crate) fn check_round_trip(before: &Engine, batch: &SealedBatch) -> Result<(), TestCaseError> {
    let (domain, read) = commands::read(&command_log(batch)).unwrap();
    prop_assert_eq!(domain, batch.public.domain);
    prop_assert_eq!(read.len(), batch.accepted.len());
    let mut state = before.state().clone();
    let mut effects = Effects::new();
    for (logged, accepted) in read.iter().zip(&batch.accepted) {
        let envelope = logged.envelope(&state).unwrap();
        if accepted.envelope.signature.is_some() {
            prop_assert_eq!(&envelope, &accepted.envelope);
        }
        let outcome = state.apply(&envelope, &Recorded(true), &mut effects);
        prop_assert_eq!(outcome, Ok(accepted.outcome));
        prop_assert_eq!(&effects.events, &accepted.events);
        prop_assert_eq!(&effects.record, &accepted.record);
    }
    let (_, read) = events::read(&event_log(batch)).unwrap();
    let mut expected: Vec<LoggedEvents> = (7..)
        .zip(&batch.accepted)
        .map(|(command, accepted)| LoggedEvents {
            command,
            outcome: Ok(accepted.outcome),
            events: accepted.events.clone(),
        })
        .collect();
    expected.push(LoggedEvents {
        command: 99,
        outcome: Err(Refusal::BadLots),
        events: Vec::new(),
    });
    prop_assert_eq!(read, expected);
    Ok(())
}

fn domain() -> Domain {
    Domain::new(5, &[9; 20]).unwrap()
}

fn small_log() -> Vec<u8> {
    let mut bytes = header(LogKind::Events, &domain()).to_vec();
    let mut words = Vec::new();
    events::push(0, Ok(Outcome([0, 1, 2, 3])), &[], &mut words, &mut bytes);
    events::push(1, Ok(Outcome([0, 1, 2, 3])), &[], &mut words, &mut bytes);
    bytes
}

#[test]
fn a_log_cut_short_says_where() {
    let bytes = small_log();
    let frame = 8 + 5 * 8;
    for length in 0..bytes.len() {
        let offset = match length {
            ..HEADER_BYTES => 0,
            _ => HEADER_BYTES + (length - HEADER_BYTES) / frame * frame,
        };
        let result = events::read(&bytes[..length]);
        if length >= HEADER_BYTES && offset == length {
            assert_eq!(result.unwrap().1.len(), (length - HEADER_BYTES) / frame);
        } else {
            let error = EventLogError::Frame(FrameError::Truncated { offset });
            assert_eq!(result, Err(error));
        }
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let bytes = small_log();
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(events::read(&damaged).is_err(), "bit {bit}");
    }
}

#[test]
fn what_is_no_log_of_this_kind_is_named() {
    let events = small_log();
    let magic = CommandLogError::Frame(FrameError::Magic);
    assert_eq!(commands::read(&events), Err(magic));
    let sealed_header = |change: fn(&mut [u8])| {
        let mut bytes = events.clone();
        change(&mut bytes);
        let checksum = crc32c::crc32c(&bytes[..36]);
        bytes[36..40].copy_from_slice(&checksum.to_be_bytes());
        events::read(&bytes).unwrap_err()
    };
    let version = FrameError::Version(2);
    assert_eq!(sealed_header(|b| b[5] = 2), EventLogError::Frame(version));
    let reserved = FrameError::Header("reserved");
    assert_eq!(sealed_header(|b| b[7] = 1), EventLogError::Frame(reserved));
    let chain = FrameError::Header("chain id");
    assert_eq!(sealed_header(|b| b[8] = 1), EventLogError::Frame(chain));
}

#[test]
fn frames_of_impossible_lengths_are_refused() {
    let head = header(LogKind::Commands, &domain());
    let too_long = zkperp_schema::LOG_FRAME_BYTES_MAX as u32 + 8;
    for length in [too_long, 7, u32::MAX] {
        let mut bytes = head.to_vec();
        bytes.extend(length.to_be_bytes());
        bytes.extend([0; 4]);
        let offset = HEADER_BYTES;
        let error = CommandLogError::Frame(FrameError::Length { offset, length });
        assert_eq!(commands::read(&bytes), Err(error));
    }
    // A cancel's record with neither nothing nor all of what was signed behind it.
    for extra in (1..24).filter(|&extra| extra != 11) {
        let mut bytes = head.to_vec();
        let mut words = vec![5, 1];
        words.resize(2 + extra, 0);
        push_frame(&words, &mut bytes);
        let error = CommandLogError::Length {
            offset: HEADER_BYTES,
            got: extra,
        };
        assert_eq!(commands::read(&bytes), Err(error));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        words in prop::collection::vec(any::<u64>(), 0..20),
    ) {
        let _ = commands::read(&bytes);
        let _ = events::read(&bytes);
        for kind in [LogKind::Commands, LogKind::Events] {
            let mut log = header(kind, &domain()).to_vec();
            push_frame(&words, &mut log);
            log.extend(&bytes);
            let _ = commands::read(&log);
            let _ = events::read(&log);
        }
    }
}
