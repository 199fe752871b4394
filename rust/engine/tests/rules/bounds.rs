//! The greatest values that the rules let through: docs/spec/state.md § 11.

use zkperp_engine::leaf::from_signed;
use zkperp_engine::{
    Command, Domain, Effects, Envelope, MarketParams, OracleEntry, OracleReport, OrderType, Place,
    PricingParams, Recorded, Refusal, Request, Sender, Side, State, TierParams, VenueParams,
    address,
};

use crate::desk::{Desk, FUND, START_MS, deposit, limbs, venue};

/// A market whose greatest position is worth 2^52 micro-USDC exactly, and needs all of it.
fn greatest_market() -> MarketParams {
    MarketParams {
        multiplier: 1 << 12,
        price_max: 1 << 20,
        lots_max: 1 << 20,
        lots_min: 1,
        taker_ppm: 10_000,
        maker_ppm: -10_000,
        oi_max: 1 << 56,
        pricing: PricingParams {
            impact_quote: 1 << 52,
            band_ppm: 1_000_000,
            interest_ppm: 65_535,
            clamp_ppm: 65_535,
            rate_max_ppm: 65_535,
            liquidation_ppm: 100_000,
            bonus_ppm: 100_000,
        },
        tiers: vec![TierParams {
            lots_upto: 1 << 20,
            imf_ppm: 1_000_000,
            mmf_ppm: 1_000_000,
            cmf_ppm: 1_000_000,
        }],
    }
}

/// 32 such markets, all at the greatest mark; accounts 1 and 2 hold 2^56 each, 3 the other half of
/// custody's greatest.
fn full_venue() -> Desk {
    let venue = VenueParams {
        markets: vec![greatest_market(); 32],
        ..venue()
    };
    let mut desk = Desk::of(State::genesis(&venue).unwrap());
    for account in 1..=2 {
        desk.request(deposit(account, 1 << 56)).unwrap();
    }
    for market in 0..32 {
        desk.mark(market, 1 << 20);
    }
    desk
}

fn whole(market: u8, side: Side, order_type: OrderType) -> Place {
    let rests = order_type == OrderType::Gtt;
    Place {
        market,
        side,
        order_type,
        price_ticks: 1 << 20,
        lots: 1 << 20,
        expiry_ms: if rests { (1 << 44) - 1 } else { 0 },
        options: zkperp_engine::Options::NONE,
        client_id: 0,
    }
}

#[test]
fn full_positions_in_as_many_markets_as_cash_carries() {
    let mut desk = full_venue();
    for market in 0..15 {
        desk.placed(1, whole(market, Side::Ask, OrderType::Gtt));
        let [_, filled, _] = desk.placed(2, whole(market, Side::Bid, OrderType::Ioc));
        assert_eq!(filled, 1 << 20, "market {market}");
    }
    // Fees of 1 % of 2^52 for each trade, and the same as rebate: nothing is earned.
    assert_eq!(desk.state.fees(), 1 + 14);
    assert_eq!(desk.state.position_lots(1, 0), -(1 << 20));
    let next = whole(15, Side::Bid, OrderType::Ioc);
    assert!(desk.place(2, next).is_err());
    assert_eq!(desk.cash(1) + desk.cash(2) + 15, 1 << 57);
}

#[test]
fn the_greatest_portfolio_and_debt_that_leaves_can_hold_overflow_nothing() {
    // Every position at its greatest, cash at its greatest and lowest: TAV of 2^58 + 2^57.
    let greatest = (1_i64 << 58) - 1;
    let desk = full_venue();
    let custody = (1_i64 << 57) - 2 * greatest + 2 * greatest;
    assert_eq!(custody, desk.state.custody() as i64);
    let mut leaves = vec![
        (
            address::account(1),
            [1, from_signed(greatest), u64::from(u32::MAX), 0, 0, 0, 0, 0],
        ),
        (
            address::account(2),
            [
                1,
                from_signed(-greatest),
                u64::from(u32::MAX),
                0,
                0,
                0,
                0,
                0,
            ],
        ),
        (address::account(3), [1, 1 << 57, 0, 0, 0, 0, 0, 0]),
    ];
    for market in 0..32 {
        let size = |size| [from_signed(size), 0, 0, 0, 0, 0, 0, 0];
        let mut interest = [1 << 21, 1 << 56, 0, 0, 0, 0, 0, 0];
        interest[3] = from_signed(-10_000);
        leaves.push((address::market(market) + 1, interest));
        leaves.push((address::position(1, market), size(1 << 20)));
        leaves.push((address::position(2, market), size(-(1 << 20))));
    }
    let mut desk = desk.with_leaves(&leaves);
    assert_eq!(desk.withdraw(1, 1), Err(Refusal::LiquidationPending));
    // The fund takes all of the account that owes 1.5 · 2^58, and is closed against the other one, which
    // loses as much.
    assert_eq!(desk.liquidate_all(), 32 + 1 + 2 * 32 + 1);
    for account in [1, 2, FUND] {
        assert_eq!(desk.state.account(account).unwrap().tav(), 0);
    }
    for market in 0..32 {
        for side in [Side::Bid, Side::Ask] {
            for (account, order_type) in [(1, OrderType::Ioc), (2, OrderType::Market)] {
                let _ = desk.place(account, whole(market, side, order_type));
                let _ = desk.place(account, whole(market, side, OrderType::Gtt));
            }
        }
    }
}

#[test]
fn a_market_order_s_credit_reaches_its_greatest() {
    let mut desk = full_venue();
    let cheap = |lots| Place {
        price_ticks: 1,
        ..Place {
            lots,
            ..whole(0, Side::Ask, OrderType::Gtt)
        }
    };
    desk.placed(1, cheap((1 << 20) - 1));
    desk.placed(1, whole(0, Side::Ask, OrderType::Gtt));
    let [_, filled, _] = desk.placed(2, whole(0, Side::Bid, OrderType::Market));
    assert_eq!(filled, 1 << 20);
    // The other way round: bids at the greatest price, a limit of one tick.
    let mut desk = full_venue();
    desk.placed(1, whole(1, Side::Bid, OrderType::Gtt));
    let sale = Place {
        price_ticks: 1,
        ..whole(1, Side::Ask, OrderType::Market)
    };
    assert_eq!(desk.placed(2, sale)[1], 1 << 20);
}

#[test]
fn records_of_the_greatest_fields_are_canonical_and_come_back() {
    let widest = VenueParams {
        domain: Domain::new((1 << 53) - 1, &[0xff; 20]).unwrap(),
        staleness_ms: (1 << 30) - 1,
        fund_key: [0; 5],
        oracle_keys: vec![limbs(0); 8],
        deviation_ppm: 1_000_000,
        markets: vec![
            MarketParams {
                multiplier: 1,
                price_max: (1 << 32) - 1,
                lots_max: 1 << 20,
                lots_min: 1,
                ..greatest_market()
            };
            32
        ],
        ..venue()
    };
    let mut state = State::genesis(&widest).unwrap();
    let mut effects = Effects::new();
    let mut time_ms = START_MS;
    let last = (1_u32 << 31) - 1;
    let key = limbs(1);
    let [a, b, c, d, e] = key;
    let words = [
        1,
        last.into(),
        (1 << 56) - 1,
        0,
        (1 << 48) - 1,
        1 << 57,
        13,
        a,
        b,
        c,
        d,
        e,
    ];
    let sender = Sender {
        account: last,
        key: 13,
        nonce: 16_383,
        valid_until_ms: (1 << 44) - 1,
    };
    let commands = [
        Command::Request(Request { number: 0, words }),
        Command::Oracle(OracleReport {
            key: 7,
            timestamp_ms: START_MS + 8190 - ((1 << 30) - 1),
            entries: (0..32)
                .map(|market| OracleEntry {
                    market,
                    price_ticks: (1 << 32) - 1,
                })
                .collect(),
        }),
        Command::Oracle(OracleReport {
            key: 0,
            timestamp_ms: START_MS + 2 * 4095,
            entries: [0, 31]
                .map(|market| OracleEntry {
                    market,
                    price_ticks: (1 << 32) - 1,
                })
                .to_vec(),
        }),
        Command::Tick { market: 0 },
        Command::Tick { market: 31 },
        Command::User(sender.place(Place {
            lots: 1 << 20,
            price_ticks: (1 << 32) - 1,
            expiry_ms: (1 << 44) - 1,
            ..whole(0, Side::Ask, OrderType::Gtt)
        })),
    ];
    for command in commands {
        time_ms += 4095;
        let mut replayed = state.clone();
        let envelope = Envelope {
            time_ms,
            command,
            signature: None,
        };
        let outcome = state
            .apply(&envelope, &Recorded(true), &mut effects)
            .unwrap();
        assert!(effects.record.words().iter().all(|&word| word < 1 << 63));
        let again = effects.record.envelope(&replayed, Some(words)).unwrap();
        assert_eq!(again, envelope);
        let result = replayed.apply(&again, &Recorded(true), &mut Effects::new());
        assert_eq!(result, Ok(outcome));
        state.check().unwrap();
    }
}
