//! What a sequencer owes the rules before it may send a command: the steps of a liquidation,
//! triggered orders, `fund` where the command's time would pass the hour, and ticks of markets that are or soon will be
//! overdue. Nothing here changes a state or is part of the rules; a sequencer that ignores it gets
//! refusals, no more.

use zkperp_schema as schema;

use crate::command::{Command, Envelope};
use crate::state::State;

/// What is due before a command at some program time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When the next `fund` has to be, if it must come first. After it there may be another.
    pub fund_ms: Option<u64>,
    /// Bit m: market m would be overdue, or nearer to it than the margin, and a tick at that time
    /// would be accepted as reports stand now.
    pub ticks: u32,
    /// Bit m: likewise, but a tick would be refused: too few oracles' reports are fresh and agree.
    pub no_quorum: u32,
}

impl Due {
    /// The markets of which a tick is due, ascending.
    pub fn markets(&self) -> impl Iterator<Item = u8> + use<> {
        let ticks = self.ticks;
        (0..u32::BITS as u8).filter(move |market| ticks >> market & 1 == 1)
    }

    /// Whether nothing has to come first.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.fund_ms.is_none() && self.ticks == 0
    }
}

/// What is due before a command at `time_ms`, at or after the state's time; `margin_ms` is how much
/// earlier than at the last moment a market is ticked.
///
/// Where `fund_ms` is set the ticks are for afterwards: ask again when it is done.
#[must_use]
pub fn due(state: &State, time_ms: u64, margin_ms: u64) -> Due {
    let fund_ms = Some(state.funding_due_ms()).filter(|&due_ms| time_ms > due_ms);
    let mut due = Due {
        fund_ms,
        ticks: 0,
        no_quorum: 0,
    };
    let patience_ms = state.config().tick_max_ms.saturating_sub(margin_ms);
    for number in 0..state.config().markets {
        let Some(market) = state.market(number) else {
            continue;
        };
        let age_ms = time_ms.saturating_sub(market.mark.tick_ms);
        if age_ms == 0 || age_ms <= patience_ms {
            continue;
        }
        let bit = 1 << number;
        match state.index_price(number, time_ms) {
            Some(_) => due.ticks |= bit,
            None => due.no_quorum |= bit,
        }
    }
    due
}

/// What has to come next before a command at `time_ms`: a step of a liquidation or `trigger` at the
/// state's own time, `fund`, or `time`; `None` when the command may come. To be asked again after each one.
#[must_use]
pub fn before(state: &State, time_ms: u64) -> Option<Envelope> {
    if let Some(command) = liquidation_step(state) {
        return Some(Envelope {
            time_ms: state.time_ms(),
            command,
            signature: None,
        });
    }
    let due_ms = state.funding_due_ms();
    let (time_ms, command) = if time_ms > due_ms {
        (due_ms, Command::Fund)
    } else if time_ms.saturating_sub(state.time_ms()) > schema::DELTA_MS_MAX {
        (time_ms, Command::Time)
    } else {
        return None;
    };
    Some(Envelope {
        time_ms,
        command,
        signature: None,
    })
}

/// What a sequencer sends next while triggers have to be looked at, accounts to be liquidated or
/// conditional orders to fire; `None` where nothing is. Until then everything that takes risk is
/// refused.
#[must_use]
pub fn liquidation_step(state: &State) -> Option<Command> {
    if state.pending() != 0 {
        return Some(Command::Sweep);
    }
    if state.deleveraging().is_some() {
        let account = state.next_counterparty();
        return account.map(|account| Command::Deleverage { account });
    }
    if state.first_due().is_some() {
        return Some(Command::Liquidate);
    }
    (state.crossed_markets() != 0).then_some(Command::Trigger)
}

/// A tick of a market at `time_ms`, as an envelope.
#[must_use]
pub const fn tick(market: u8, time_ms: u64) -> Envelope {
    Envelope {
        time_ms,
        command: Command::Tick { market },
        signature: None,
    }
}
