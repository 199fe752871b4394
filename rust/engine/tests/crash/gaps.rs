//! Portfolios over several markets, and prices that jump as an adversary likes: after every command
//! all accounts are computed anew, and none that the lists call healthy is below its margin.

use proptest::prelude::*;
use zkperp_engine::Command;

use crate::venue::{FUND, Venue};

const MARKETS: u8 = 3;
const ACCOUNTS: u32 = 8;

#[derive(Clone, Debug)]
enum Op {
    /// Lots change hands at the mark, or this far from it in ppm.
    Trade {
        pair: [u32; 2],
        market: u8,
        lots: u64,
        off_ppm: i64,
    },
    /// The mark times this, in thousandths.
    Gap {
        market: u8,
        thousandths: u64,
    },
    /// The mark moves until the account is just due, or just not.
    Squeeze {
        account: u32,
        past: i64,
    },
    Deposit {
        account: u32,
        amount: u64,
    },
    /// A part of what is free, in thousandths.
    Withdraw {
        account: u32,
        thousandths: u64,
    },
    Fund,
    /// Some steps of a liquidation, or all.
    Liquidate {
        steps: u64,
    },
}

fn op() -> impl Strategy<Value = Op> {
    let account = || 1..=ACCOUNTS;
    let trade = (
        [account(), account()],
        0..MARKETS,
        prop_oneof![1..3000_u64, 9_000..11_000_u64],
        -30_000..30_000_i64,
    );
    prop_oneof![
        12 => trade.prop_map(|(pair, market, lots, off_ppm)| Op::Trade {
            pair, market, lots, off_ppm,
        }),
        4 => (0..MARKETS, prop_oneof![990..1010_u64, 900..1100_u64, 300..3000_u64])
            .prop_map(|(market, thousandths)| Op::Gap { market, thousandths }),
        5 => (account(), -2..=2_i64).prop_map(|(account, past)| Op::Squeeze { account, past }),
        2 => (account(), 0..20_000_000_u64)
            .prop_map(|(account, amount)| Op::Deposit { account, amount }),
        2 => (account(), 0..=1000_u64)
            .prop_map(|(account, thousandths)| Op::Withdraw { account, thousandths }),
        1 => Just(Op::Fund),
        8 => prop_oneof![0..6_u64, Just(u64::MAX)].prop_map(|steps| Op::Liquidate { steps }),
    ]
}

fn mark(venue: &Venue, market: u8) -> u64 {
    venue.state().market(market).unwrap().mark.mark_ticks
}

fn tick(venue: &mut Venue, market: u8, ticks: u64) {
    if venue.state().pending() == 0 && venue.state().due_accounts() == 0 {
        venue.tick(market, ticks.clamp(100, 10_000_000));
    }
}

fn apply(venue: &mut Venue, op: &Op) {
    match *op {
        Op::Trade {
            pair,
            market,
            lots,
            off_ppm,
        } => {
            let price = mark(venue, market);
            let price = price.strict_add_signed(price as i64 * off_ppm / 1_000_000);
            venue.trade(pair, market, price, lots);
        }
        Op::Gap {
            market,
            thousandths,
        } => {
            let ticks = mark(venue, market) * thousandths / 1000;
            tick(venue, market, ticks);
        }
        Op::Squeeze { account, past } => {
            let view = venue.state().account(account).unwrap();
            let position = view.positions.iter().find(|p| p.liquidation_mark.is_some());
            if let Some(position) = position {
                let ticks = position
                    .liquidation_mark
                    .unwrap()
                    .saturating_add_signed(past);
                tick(venue, position.market, ticks);
            }
        }
        Op::Deposit { account, amount } => venue.deposit(account, amount),
        Op::Withdraw {
            account,
            thousandths,
        } => {
            let free = venue.state().account(account).unwrap().free();
            let amount = i128::from(free.max(0)) * i128::from(thousandths) / 1000;
            let _ = venue.user(venue.sender(account).withdraw(amount as u64));
        }
        Op::Fund => {
            let due_ms = venue.state().funding_due_ms();
            if venue.state().pending() == 0 && venue.state().due_accounts() == 0 {
                venue.now_ms = due_ms;
                venue.send(Command::Fund).unwrap();
            }
        }
        Op::Liquidate { steps } => {
            for _ in 0..steps {
                if !venue.step() {
                    break;
                }
                venue.state().check().unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn no_gap_leaves_an_account_unseen(
        fund in prop_oneof![Just(0), 0..200_000_000_u64],
        ops in prop::collection::vec(op(), 1..80),
    ) {
        let mut venue = Venue::new(MARKETS);
        for account in 1..=ACCOUNTS {
            venue.deposit(account, 50_000_000);
        }
        venue.deposit(9, 200_000_000);
        if fund > 0 {
            venue.user(venue.sender(9).transfer(FUND, fund)).unwrap();
        }
        for op in &ops {
            apply(&mut venue, op);
            prop_assert_eq!(venue.state().check(), Ok(()));
        }
        venue.liquidate();
        venue.assert_healthy();
    }
}
