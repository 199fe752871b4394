//! Runs a script: fills the venue, walks the index, lets everybody act, and writes the report.

use zkperp_engine::Side;

use crate::error::SimulationError;
use crate::ledger::FUND;
use crate::makers::Makers;
use crate::path::Walk;
use crate::population::Trader;
use crate::random::Random;
use crate::recorder::Recorder;
use crate::report::{End, MarketInfo, Parameters, Report, VERSION};
use crate::scenarios::{Script, script};
use crate::stage::Stage;
use crate::venue::{MARKETS, MULTIPLIER, NAMED};

/// The fewest and the most leveraged accounts.
pub const ACCOUNTS: (u32, u32) = (10, 50_000);
/// The most that depth and fund may be, ppm of the opening notional.
pub const PPM_MAX: u64 = 1_000_000;

/// The account that fills the fund; makers follow, then the leveraged accounts.
const TREASURY: u32 = 1;
const FIRST_MAKER: u32 = 2;
const MAKERS: u32 = 6;
const FIRST_TRADER: u32 = FIRST_MAKER + MAKERS;
/// How far from the mark the fund's owner sells or buys at most, ppm.
const FUND_LIMIT_PPM: u64 = 5_000;
/// Its part of a side's depth in a step: one of so many.
const FUND_PART: u64 = 4;

/// What to simulate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Name of the scenario.
    pub scenario: String,
    /// Leveraged accounts.
    pub accounts: u32,
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// Depth of each side of each book within a step, ppm of the market's opening lots; else the
    /// scenario's.
    pub depth_ppm: Option<u64>,
    /// The fund's money at the start, ppm of the opening notional; else the scenario's.
    pub fund_ppm: Option<u64>,
}

impl Options {
    fn script(&self) -> Result<Script, SimulationError> {
        let unknown = || SimulationError::UnknownScenario(self.scenario.clone());
        let mut script = script(&self.scenario).ok_or_else(unknown)?;
        let in_range = |name, value: u64, least: u64, greatest: u64| {
            if (least..=greatest).contains(&value) {
                Ok(value)
            } else {
                Err(SimulationError::Range {
                    name,
                    least,
                    greatest,
                })
            }
        };
        let (least, greatest) = ACCOUNTS;
        in_range(
            "the number of accounts",
            self.accounts.into(),
            least.into(),
            greatest.into(),
        )?;
        if let Some(depth_ppm) = self.depth_ppm {
            script.depth_ppm = in_range("the depth in ppm", depth_ppm, 0, PPM_MAX)?;
        }
        if let Some(fund_ppm) = self.fund_ppm {
            script.fund_ppm = in_range("the fund in ppm", fund_ppm, 0, PPM_MAX)?;
        }
        Ok(script)
    }
}

/// A run under way.
struct Run<'a> {
    script: &'a Script,
    stage: Stage,
    makers: Makers,
    walk: Walk<'a>,
    depth_lots: [u64; MARKETS],
}

/// Runs a scenario; `progress` hears how many of how many steps are done, and says whether to go on.
///
/// # Errors
/// [`SimulationError`]: an option is wrong, or something happened that must not.
pub fn simulate(
    options: &Options,
    mut progress: impl FnMut(u64, u64) -> bool,
) -> Result<Report, SimulationError> {
    let script = options.script()?;
    let mut random = Random::new(options.seed);
    let traders = script.population.draw(options.accounts, &mut random);
    let notional: u64 = traders.iter().map(Trader::notional).sum();
    let parameters = Parameters {
        accounts: options.accounts,
        seed: options.seed,
        depth_ppm: script.depth_ppm,
        fund_ppm: script.fund_ppm,
        notional,
        deposits: traders.iter().map(|trader| trader.deposit).sum(),
        makers: MAKERS,
        steps: script.steps,
        step_ms: script.step_ms,
        feedback: script.path.feedback.is_some(),
    };
    let mut run = Run::open(&script, &traders, notional, random.bits())?;
    for step in 1..=script.steps {
        run.step(step)?;
        if !progress(step, script.steps) {
            return Err(SimulationError::Stopped);
        }
    }
    run.report(parameters)
}

impl<'a> Run<'a> {
    /// The venue with everybody's money and positions.
    fn open(
        script: &'a Script,
        traders: &[Trader],
        notional: u64,
        seed: u64,
    ) -> Result<Self, SimulationError> {
        let starts = NAMED.map(|(_, _, start)| start);
        let last = FIRST_TRADER + traders.len() as u32;
        let recorder = Recorder::new(FIRST_TRADER, traders.to_vec());
        // A tick may fail to come once before a market is overdue.
        let mut stage = Stage::new(2 * script.step_ms + 1, last, recorder)?;
        let fund = (u128::from(notional) * u128::from(script.fund_ppm) / 1_000_000) as u64;
        if fund > 0 {
            stage.deposit(TREASURY, fund)?;
            stage.transfer(TREASURY, FUND, fund)?;
        }
        // Each maker could hold everybody's other side at leverage one: makers do not fail here.
        for maker in FIRST_MAKER..FIRST_TRADER {
            stage.deposit(maker, notional.max(1))?;
        }
        stage.oracles(&starts)?;
        for market in 0..MARKETS as u8 {
            stage.tick(market)?;
        }
        let mut opened = [0; MARKETS];
        for trader in traders {
            for (sum, lots) in opened.iter_mut().zip(trader.lots) {
                *sum += lots;
            }
        }
        let depth_lots = opened.map(|lots| {
            (u128::from(lots) * u128::from(script.depth_ppm)).div_ceil(1_000_000) as u64
        });
        let makers = Makers::new(FIRST_MAKER, MAKERS, script.quotes, depth_lots);
        for (account, trader) in (FIRST_TRADER..).zip(traders) {
            stage.deposit(account, trader.deposit)?;
            makers.open(&mut stage, account, trader)?;
        }
        let elapsed_ms = stage.elapsed_ms();
        let mut run = Self {
            script,
            stage,
            makers,
            walk: script.path.walk(starts, seed),
            depth_lots,
        };
        run.sample(elapsed_ms)?;
        Ok(run)
    }

    /// Time passes, the index moves, makers quote, both markets are ticked, whoever is due is
    /// liquidated, the fund trades, and everything is looked at.
    fn step(&mut self, step: u64) -> Result<(), SimulationError> {
        self.stage.wait(self.script.step_ms)?;
        // What fund made due must be liquidated before anybody may quote.
        self.stage.settle()?;
        let prices = self.walk.prices(step);
        self.stage.oracles(&prices)?;
        self.makers.quote(&mut self.stage, &prices)?;
        for market in 0..MARKETS as u8 {
            self.stage.tick(market)?;
        }
        if self.script.fund_trades {
            self.trade_for_the_fund()?;
        }
        let sold = self.stage.recorder.take_sold();
        let state = self.stage.state();
        let mut interest = [0; MARKETS];
        for (interest, number) in interest.iter_mut().zip(0..) {
            *interest = state
                .market(number)
                .map_or(0, |market| market.interest.open_interest);
        }
        self.walk.press(sold, interest);
        let elapsed_ms = self.stage.elapsed_ms();
        self.sample(elapsed_ms)
    }

    fn sample(&mut self, elapsed_ms: u64) -> Result<(), SimulationError> {
        self.stage.sample(elapsed_ms);
        self.stage.check()
    }

    /// The fund's owner reduces what it took over by a part of the book.
    fn trade_for_the_fund(&mut self) -> Result<(), SimulationError> {
        let marks = self.stage.marks();
        for (market, mark) in (0..).zip(marks) {
            let held = self.stage.state().position_lots(FUND, market);
            let part = self.depth_lots[market as usize] / FUND_PART;
            let lots = held.unsigned_abs().min(part);
            if lots == 0 {
                continue;
            }
            let away = mark * FUND_LIMIT_PPM / 1_000_000;
            let (side, price) = if held > 0 {
                (Side::Ask, mark - away)
            } else {
                (Side::Bid, mark + away)
            };
            // Refused where it would make the fund worse off than its margin allows: it waits.
            let _ = self
                .stage
                .place(FUND, (market, side), (price.max(1), lots), false)?;
        }
        Ok(())
    }

    fn report(mut self, parameters: Parameters) -> Result<Report, SimulationError> {
        let root = self.stage.seal()?;
        self.stage.checks.conservation = self.stage.ledger.comparisons;
        let end = self.end(root);
        let markets = NAMED.map(|(name, tick_micro_usd, start)| MarketInfo {
            name,
            tick_micro_usd,
            multiplier: MULTIPLIER,
            start,
        });
        let Self {
            script, mut stage, ..
        } = self;
        let totals = stage.recorder.totals();
        Ok(Report {
            version: VERSION,
            scenario: script.name,
            about: script.about,
            parameters,
            markets: markets.to_vec(),
            liquidations: stage.recorder.liquidations(),
            cohorts: stage.recorder.cohorts(stage.state()),
            totals,
            deleveraging: stage.recorder.comparison.report(),
            commands: stage.commands,
            checks: stage.checks,
            end,
            series: stage.recorder.series,
        })
    }

    fn end(&self, root: [u64; 4]) -> End {
        let state = self.stage.state();
        let mut end = End {
            root: root.map(|word| word.to_string()),
            ..End::default()
        };
        for account in state
            .account_numbers()
            .into_iter()
            .filter_map(|n| state.account(n))
        {
            let debt = account.tav().min(0).unsigned_abs();
            if account.account == FUND {
                end.fund_debt = debt;
            } else {
                end.bad_debt += debt;
            }
            let is_below = account.sums.maintenance < 0 && !account.positions.is_empty();
            end.unhealthy += u64::from(is_below);
        }
        let is_done = state.pending() == 0 && state.first_due().is_none();
        end.is_healthy = is_done && state.deleveraging().is_none() && end.unhealthy == 0;
        end
    }
}
