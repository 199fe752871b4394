//! `quote`: many orders replaced at once, or none (docs/spec/orders.md § 5).

use zkperp_schema::{Refusal, RemovalReason};

use crate::accounts::AccountIndex;
use crate::command::{Outcome, Place};
use crate::effects::Effects;
use crate::quote::{Quote, Quoted};
use crate::state::State;

impl State {
    /// Checks and makes a quote, entry by entry. Its command is recorded: whatever it did before a
    /// refusal is undone.
    pub(crate) fn quote(
        &mut self,
        account: u32,
        at: AccountIndex,
        quote: &Quote,
        now_ms: u64,
        effects: &mut Effects,
    ) -> Result<Outcome, Refusal> {
        self.market(quote.market).ok_or(Refusal::UnknownMarket)?;
        if quote.expiry_ms <= now_ms {
            return Err(Refusal::BadExpiry);
        }
        let first_id = self.clock.next_order_id;
        let (mut met, mut resting) = (0, 0);
        for entry in &quote.entries {
            self.replace_named(at, quote.market, entry.client_id, effects)?;
            if entry.lots != 0 {
                let order = quote.order(entry);
                self.check_place(at, &order, met, now_ms)?;
                let outcome = self.place(account, at, &order, &mut met, effects)?;
                resting += outcome.0[3];
            }
            let rested = effects.advice.rested.take();
            effects.advice.quoted.push(rested);
        }
        let placed = self.clock.next_order_id - first_id;
        Ok(Outcome::done(first_id, placed, resting))
    }

    /// Takes the order that rests under a client id out of the book, if there is one.
    fn replace_named(
        &mut self,
        at: AccountIndex,
        market: u8,
        client_id: u64,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let Some(found) = self.find_named(at, client_id) else {
            return Ok(());
        };
        if found.market != market {
            return Err(Refusal::ClientIdUsed);
        }
        self.remove_order(found.slot, RemovalReason::Replaced, effects);
        Ok(())
    }
}

impl Quote {
    /// The order that an entry asks for.
    const fn order(&self, entry: &Quoted) -> Place {
        Place {
            market: self.market,
            side: entry.side,
            order_type: self.order_type,
            price_ticks: entry.price_ticks,
            lots: entry.lots,
            expiry_ms: self.expiry_ms,
            options: entry.options,
            client_id: entry.client_id,
        }
    }
}
