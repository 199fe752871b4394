//! Falling prices: thousands of leveraged accounts are liquidated and everything adds up; a state
//! restored in the middle goes on alike; no gap leaves an account unseen that is below its margin.

mod gaps;
mod venue;

use zkperp_engine::{Engine, OrderType, Side, replay};

use venue::{FUND, MARK, Venue};

/// Numbers that look random, the same every time.
fn scattered(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

/// Pairs of a long and a short, each with a leverage of 2 to 18; account `2·pairs + 1` makes markets.
fn crowd(pairs: u32, fund: u64) -> Venue {
    let mut venue = Venue::new(1);
    let mut random = scattered(u64::from(pairs));
    let rich = 2 * pairs + 1;
    venue.deposit(rich, 1 << 50);
    if fund > 0 {
        let give = venue.sender(rich).transfer(FUND, fund);
        venue.user(give).unwrap();
    }
    for pair in 0..pairs {
        let lots = 1 + random(2000);
        for account in [2 * pair + 1, 2 * pair + 2] {
            venue.deposit(account, lots * MARK / (2 + random(17)) + 100);
        }
        venue.trade([2 * pair + 2, 2 * pair + 1], 0, MARK, lots);
        assert!(venue.state().position_lots(2 * pair + 1, 0) > 0);
    }
    venue
}

#[test]
fn ten_thousand_accounts_fall_by_a_third_in_one_tick() {
    let mut venue = crowd(5000, 1 << 40);
    venue.tick(0, MARK * 7 / 10);
    let steps = venue.liquidate();
    assert!(steps > 10_000, "{steps}");
    assert_eq!(venue.debts, 0);
    venue.assert_healthy();
    assert!(venue.state().position_lots(FUND, 0) > 1_000_000);
}

#[test]
fn ten_thousand_accounts_fall_by_a_third_in_ten_ticks() {
    let mut venue = crowd(5000, 1 << 36);
    let rich = 10_001;
    for step in 1..=10 {
        let mark = MARK - MARK * 3 / 100 * step;
        // Somebody buys a percent below the new mark.
        let bid = (Side::Bid, OrderType::Gtt);
        venue
            .place(rich, 0, bid, (mark - mark / 100, 1 << 22))
            .unwrap();
        venue.tick(0, mark);
        venue.liquidate();
        venue.assert_healthy();
    }
    assert_eq!(venue.debts, 0);
    assert!(venue.state().position_lots(rich, 0) > 100_000);
    // Who is sold down to just its maintenance margin goes to the fund with the next tick, at what it
    // is worth; the fund is margined for what it holds.
    let fund = venue.state().account(FUND).unwrap();
    assert!(fund.tav() > 0, "{fund:?}");
}

#[test]
fn without_a_fund_everybody_bears_a_share_and_a_restored_state_goes_on_alike() {
    let mut venue = crowd(60, 0);
    venue.tick(0, MARK * 7 / 10);
    venue.engine.seal().unwrap();
    let mut steps = 0;
    loop {
        let domain = *venue.state().domain();
        let mut restored = Venue {
            engine: Engine::from_tree(domain, venue.engine.tree().clone()).unwrap(),
            ..venue
        };
        if !venue.step() {
            break;
        }
        let mut replayed = restored.engine.clone();
        assert!(restored.step());
        let batch = venue.engine.seal().unwrap();
        assert_eq!(restored.engine.seal().as_ref(), Ok(&batch));
        let (old, new) = (&batch.old_root, &batch.new_root);
        replay::apply_batch(&mut replayed, old, new, &batch.output()).unwrap();
        assert_eq!(replayed.root(), venue.engine.root());
        // What was undone is done the same again.
        if steps % 3 == 0 {
            let sealed = venue.engine.state_mut().leaves();
            venue.step();
            venue.step();
            venue.engine.rollback();
            assert_eq!(venue.engine.state_mut().leaves(), sealed);
            venue.state().check().unwrap();
        }
        steps += 1;
    }
    assert!(steps > 200, "{steps}");
    assert_eq!(venue.debts, 0);
    venue.assert_healthy();
}
