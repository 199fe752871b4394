//! A batch of sweeps, liquidations, deleveragings and triggered orders, so that their costs are
//! measured too: a venue of its own, since an order flow's accounts never come so low.

use thiserror::Error;
use zkperp_engine::{
    Command, Condition, Conditional, Engine, Envelope, Options, OrderType, Place, Refusal, Request,
    SealError, SealedBatch, Sender, Side, Verify, keeper,
};
use zkperp_flow::{Keys, ORACLE_KEYS, round};
use zkperp_schema::FUND_ACCOUNT;
use zkperp_tree::Tree;

use crate::venue::{Genesis, GenesisError};

const CHAIN_ID: u64 = 31_337;
const ROLLUP: [u8; 20] = [1; 20];
const START_MS: u64 = 2_000_000_000_000;
const USDC: u64 = 1_000_000;
/// How long orders live and messages hold, ms.
const HOLD_MS: u64 = 60_000;
/// Program time between two rounds of prices, ms.
const STEP_MS: u64 = 1_000;

/// BTC-USD of the devnet.
const MARKET: u8 = 0;
/// Accounts from 1 that sell to all others, and have enough.
const MAKERS: u32 = 8;
const MAKER_USDC: u64 = 1_000_000;
/// Accounts behind them with a small position each, which a fall by 1 % brings below maintenance.
const SMALL: u32 = 8;
const SMALL_USDC: u64 = 130;
const SMALL_LOTS: u64 = 10_000;
/// The last account, whose position the fund takes over but can't keep: it is deleveraged; a fall by
/// 2.2 % brings the account below maintenance.
const LARGE: u32 = MAKERS + SMALL + 1;
const LARGE_USDC: u64 = 620_000;
const LARGE_LOTS: u64 = 20_000_000;
/// What the fund has.
const FUND_USDC: u64 = 1_000;
/// Bids of this size, one of each maker, take half of what is liquidated first.
const BID_LOTS: u64 = 2_000;

const FIRST_TICKS: u64 = 600_000;
const BID_TICKS: u64 = 593_900;
/// Falls by 1 % and by 3 % of the first price.
const FALLS_TICKS: [u64; 2] = [594_000, 582_000];

/// Each maker has a pair of orders that wait: the first fall fires the lower one, and the other goes.
const WAITING_TICKS: [u64; 2] = [595_000, 700_000];
const WAITING_LOTS: u64 = 100;
/// What fires rests here.
const RESTING_TICKS: u64 = 590_000;

/// Why there is no batch of liquidations.
#[derive(Debug, Error)]
pub enum LiquidationsError {
    /// The devnet is none: our mistake.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// A command that the venue has to accept: our mistake.
    #[error("{what} of the liquidations' venue is refused: {refusal}")]
    Refused {
        /// Which.
        what: &'static str,
        /// Why.
        refusal: Refusal,
    },
    /// A batch can't be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// The venue while it is driven.
struct Made {
    engine: Engine,
    keys: Keys,
    now_ms: u64,
}

impl Made {
    fn apply(&mut self, what: &'static str, command: Command) -> Result<(), LiquidationsError> {
        let mut envelope = Envelope {
            time_ms: self.now_ms,
            command,
            signature: None,
        };
        self.keys.sign(self.engine.state(), &mut envelope);
        let applied = self.engine.apply(&envelope, &Verify);
        applied.map_err(|refusal| LiquidationsError::Refused { what, refusal })?;
        Ok(())
    }

    fn sender(&self, account: u32) -> Sender {
        Sender {
            account,
            key: 0,
            nonce: self.engine.state().nonce(account, 0) + 1,
            valid_until_ms: self.now_ms + HOLD_MS,
        }
    }

    fn deposit(&mut self, account: u32, usdc: u64) -> Result<(), LiquidationsError> {
        let words = self
            .keys
            .deposit(account, [account.into(), 0, 0], usdc * USDC);
        let words = words.unwrap_or_default();
        let number = self.engine.state().requests_done();
        self.apply("a deposit", Command::Request(Request { number, words }))
    }

    fn place(
        &mut self,
        account: u32,
        order_type: OrderType,
        (side, price_ticks, lots): (Side, u64, u64),
    ) -> Result<(), LiquidationsError> {
        let rests = order_type == OrderType::Gtt;
        let place = Place {
            market: MARKET,
            side,
            order_type,
            price_ticks,
            lots,
            expiry_ms: if rests { self.now_ms + HOLD_MS } else { 0 },
            options: Options::NONE,
            client_id: 0,
        };
        let command = self.sender(account).place(place);
        self.apply("an order", Command::User(command))
    }

    /// A maker's pair of waiting orders, both to buy back what it sold.
    fn wait(&mut self, maker: u32) -> Result<(), LiquidationsError> {
        let [low, high] = WAITING_TICKS;
        let profit = Conditional {
            market: MARKET,
            side: Side::Bid,
            order_type: OrderType::Gtt,
            price_ticks: RESTING_TICKS,
            lots: WAITING_LOTS,
            options: Options {
                reduce_only: true,
                ..Options::NONE
            },
            expiry_ms: self.now_ms + HOLD_MS,
            trigger_ticks: low,
            condition: Condition::TakeProfit,
            partner: 0,
        };
        let partner = self.engine.state().next_order_id();
        let first = self.sender(maker).place_conditional(profit);
        self.apply("a take-profit", Command::User(first))?;
        let stop = Conditional {
            trigger_ticks: high,
            condition: Condition::Stop,
            partner,
            ..profit
        };
        let second = self.sender(maker).place_conditional(stop);
        self.apply("a stop", Command::User(second))
    }

    /// Reports and a tick, then everybody whom it makes due is liquidated and what waits for it fires.
    fn price(&mut self, ticks: u64) -> Result<(), LiquidationsError> {
        for priced in round(ORACLE_KEYS, self.now_ms, &[(MARKET, ticks)]) {
            self.apply("a price", priced.command)?;
        }
        while let Some(step) = keeper::liquidation_step(self.engine.state()) {
            self.apply("a step of a liquidation", step)?;
        }
        self.now_ms += STEP_MS;
        Ok(())
    }

    /// Accounts, the fund's money, and the positions.
    fn open(&mut self) -> Result<(), LiquidationsError> {
        for account in 1..=LARGE {
            let usdc = match account {
                LARGE => LARGE_USDC,
                _ if account > MAKERS => SMALL_USDC,
                _ => MAKER_USDC,
            };
            self.deposit(account, usdc)?;
        }
        self.price(FIRST_TICKS)?;
        let given = self
            .sender(1)
            .transfer(FUND_ACCOUNT as u32, FUND_USDC * USDC);
        self.apply("the fund's money", Command::User(given))?;
        let all = u64::from(SMALL) * SMALL_LOTS + LARGE_LOTS;
        for maker in 1..=MAKERS {
            let ask = (Side::Ask, FIRST_TICKS, all / u64::from(MAKERS));
            self.place(maker, OrderType::Gtt, ask)?;
        }
        for small in MAKERS + 1..LARGE {
            self.place(small, OrderType::Ioc, (Side::Bid, FIRST_TICKS, SMALL_LOTS))?;
        }
        self.place(LARGE, OrderType::Ioc, (Side::Bid, FIRST_TICKS, LARGE_LOTS))?;
        for maker in 1..=MAKERS {
            self.place(maker, OrderType::Gtt, (Side::Bid, BID_TICKS, BID_LOTS))?;
            self.wait(maker)?;
        }
        Ok(())
    }
}

/// A batch in which two falls make accounts due that are liquidated through the book, by the fund and
/// by deleveraging, and have orders fire; and the tree before it. `seed` is that of all keys.
///
/// # Errors
/// [`LiquidationsError`]: our mistake.
pub fn liquidation_batch(seed: u64) -> Result<(Tree, SealedBatch), LiquidationsError> {
    let engine = Genesis::devnet(seed, START_MS).engine(CHAIN_ID, &ROLLUP)?;
    let mut made = Made {
        engine,
        keys: Keys::new(seed, LARGE, ORACLE_KEYS),
        now_ms: START_MS + STEP_MS,
    };
    made.open()?;
    made.engine.seal()?;
    let old = made.engine.tree().clone();
    for ticks in FALLS_TICKS {
        made.price(ticks)?;
    }
    Ok((old, made.engine.seal()?))
}

#[cfg(test)]
mod tests {
    use zkperp_engine::{Event, Kind};

    use super::*;

    #[test]
    fn every_way_to_be_liquidated_is_in_it_and_orders_that_fire() {
        let (_, batch) = liquidation_batch(5).expect("a batch");
        let count = |wanted: fn(&Event) -> bool| {
            let events = batch.accepted.iter().flat_map(|accepted| &accepted.events);
            events.filter(|event| wanted(event)).count()
        };
        assert!(count(|event| matches!(event, Event::LiquidationDue { .. })) > SMALL as usize);
        assert!(count(|event| matches!(event, Event::Recovered { .. })) > 0);
        assert!(count(|event| matches!(event, Event::Liquidation { .. })) >= MAKERS as usize);
        assert!(count(|event| matches!(event, Event::Takeover { .. })) > 0);
        assert!(count(|event| matches!(event, Event::Deleveraging { .. })) > 0);
        let fired = |event: &Event| matches!(event, Event::Triggered { .. });
        assert_eq!(count(fired), MAKERS as usize);
        let partner = |event: &Event| matches!(event, Event::ConditionalRemoved { .. });
        assert_eq!(count(partner), MAKERS as usize);
        let deleverage = u64::from(Kind::Deleverage.code());
        let heads = batch
            .accepted
            .iter()
            .map(|accepted| accepted.record.words()[0] % 64);
        assert!(heads.filter(|kind| *kind == deleverage).count() >= MAKERS as usize);
    }
}
