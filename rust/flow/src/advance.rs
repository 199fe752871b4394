//! Program time that goes on: the commands without which the next one would be refused.

use zkperp_engine::{Command, Envelope, State, keeper};
use zkperp_schema::DELTA_MS_MAX;

/// The next command that has to come before any other may have this time, if one does: `fund` where
/// the hour would be passed, `time` where the step is too wide. To be asked again when it is applied.
#[must_use]
pub fn before(state: &State, time_ms: u64) -> Option<Envelope> {
    let fund = keeper::fund(state, time_ms);
    let next_ms = fund.as_ref().map_or(time_ms, |fund| fund.time_ms);
    if next_ms.saturating_sub(state.time_ms()) > DELTA_MS_MAX {
        return Some(Envelope {
            time_ms: next_ms,
            command: Command::Time,
            signature: None,
        });
    }
    fund
}

#[cfg(test)]
mod tests {
    use zkperp_engine::{Domain, Engine, Verify};

    use super::*;
    use crate::devnet;
    use crate::keys::Keys;

    /// Kinds and times, in ms behind the hour at which funding is first due.
    fn steps(start: i64, end: i64) -> Vec<(&'static str, i64)> {
        let hour: i64 = 1_700_002_800_000;
        let at = |ms: i64| (hour + ms).unsigned_abs();
        let domain = Domain::new(1, &[1; 20]).unwrap();
        let keys = Keys::new(1, 0, 1).oracles();
        let mut venue = devnet(domain, at(start), keys);
        venue.quorum = 1;
        let mut engine = Engine::genesis(&venue).unwrap();
        let mut steps = Vec::new();
        while let Some(envelope) = before(engine.state(), at(end)) {
            engine.apply(&envelope, &Verify).unwrap();
            let name = match envelope.command {
                Command::Time => "time",
                Command::Fund => "fund",
                _ => "?",
            };
            steps.push((name, envelope.time_ms.cast_signed() - hour));
        }
        steps
    }

    #[test]
    fn small_steps_need_nothing_and_wide_ones_a_command() {
        assert_eq!(steps(-9000, -9000), []);
        assert_eq!(steps(-9000, -4905), []);
        assert_eq!(steps(-9000, -4904), [("time", -4904)]);
    }

    #[test]
    fn each_hour_that_is_passed_is_funded_at_its_moment() {
        assert_eq!(steps(-5, 0), []);
        assert_eq!(steps(-5, 1), [("fund", 0)]);
        assert_eq!(
            steps(-5000, 5000),
            [("time", 0), ("fund", 0), ("time", 5000)]
        );
        let two = steps(-1, 3_600_001);
        assert_eq!(two, [("fund", 0), ("time", 3_600_000), ("fund", 3_600_000)]);
    }
}
