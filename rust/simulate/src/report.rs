//! What a simulation says, in the form that becomes JSON. All numbers are integers: money in
//! micro-USDC, prices in ticks, sizes in lots, shares in parts per million, times in milliseconds
//! since the start. Their names end in the unit where it is none of these.

use std::collections::BTreeMap;

use serde::Serialize;

/// Version of this form; it rises when a field changes its meaning or goes.
pub const VERSION: u32 = 1;

/// A simulation's numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// [`VERSION`].
    pub version: u32,
    /// Name of the scenario.
    pub scenario: &'static str,
    /// What happens in it, a sentence.
    pub about: &'static str,
    /// What it was run with.
    pub parameters: Parameters,
    /// The markets.
    pub markets: Vec<MarketInfo>,
    /// What was seen after each step.
    pub series: Series,
    /// Who was liquidated, when and at what price.
    pub liquidations: Liquidations,
    /// Accounts by side and leverage, and what became of them.
    pub cohorts: Vec<Cohort>,
    /// Sums over the whole run.
    pub totals: Totals,
    /// Deleveraging as it happened, and what the incumbents' queue would have taken.
    pub deleveraging: Deleveragings,
    /// Commands by kind.
    pub commands: BTreeMap<&'static str, Commands>,
    /// What was checked on the way.
    pub checks: Checks,
    /// How it ended.
    pub end: End,
}

/// What a simulation was run with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameters {
    /// Leveraged accounts.
    pub accounts: u32,
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// Each side of each book within a step, of the market's opening notional.
    pub depth_ppm: u64,
    /// The fund's money at the start, of the opening notional.
    pub fund_ppm: u64,
    /// Opening notional of the leveraged accounts.
    pub notional: u64,
    /// Their deposits.
    pub deposits: u64,
    /// Market makers.
    pub makers: u32,
    /// Steps.
    pub steps: u64,
    /// Length of one.
    pub step_ms: u64,
    /// Whether forced trading moves the index.
    pub feedback: bool,
}

/// A market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MarketInfo {
    /// Name.
    pub name: &'static str,
    /// One tick in millionths of a US dollar.
    pub tick_micro_usd: u64,
    /// Micro-USDC of one lot at one tick.
    pub multiplier: u64,
    /// Index at the start.
    pub start: u64,
}

/// What was seen after each step, when nobody was due any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Series {
    /// When.
    pub time_ms: Vec<u64>,
    /// By market.
    pub markets: Vec<MarketSeries>,
    /// Accounts by health: healthy, below initial, maintenance, close-out margin, bankrupt.
    pub health: [Vec<u64>; 5],
    /// Accounts that became due in the step.
    pub due: Vec<u64>,
    /// What the fund's account is worth.
    pub fund_value: Vec<i64>,
    /// Its initial margin requirement: above 0 while it holds positions.
    pub fund_margin: Vec<i64>,
    /// Σ of what accounts other than the fund are worth below 0.
    pub bad_debt: Vec<u64>,
    /// Notional at the mark of the lots that left accounts in the step: sold in the book, taken over
    /// by the fund, deleveraged. The fund is an account: what it took may leave it the other ways.
    pub liquidated: [Vec<u64>; 3],
}

/// A market after each step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MarketSeries {
    /// Index.
    pub index: Vec<u64>,
    /// Mark.
    pub mark: Vec<u64>,
    /// Best bid, 0 for none.
    pub bid: Vec<u64>,
    /// Best ask, 0 for none.
    pub ask: Vec<u64>,
    /// Open interest, both sides.
    pub open_interest: Vec<u64>,
    /// The last hourly funding rate.
    pub rate_ppm: Vec<i64>,
}

/// Each liquidation: fills of an account in a market of one kind in one step, together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Liquidations {
    /// Names of the columns of `rows`.
    pub columns: [&'static str; 8],
    /// Time, account, market, side (1 long, −1 short), lots, average price, kind, leverage at the
    /// start (0: none of the leveraged accounts).
    pub rows: Vec<[i64; 8]>,
    /// What the kinds are.
    pub kinds: [&'static str; 3],
}

/// Accounts of one side and leverage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cohort {
    /// Notional over deposit at the start, at most: deposits were up to 70 % above it.
    pub leverage: u64,
    /// Whether they were long.
    pub is_long: bool,
    /// How many.
    pub accounts: u64,
    /// How many of them were liquidated, wholly or in part.
    pub liquidated: u64,
    /// How many were left without a position by that.
    pub closed: u64,
    /// How many gave up lots as counterparties of a deleveraging.
    pub deleveraged: u64,
    /// Their deposits.
    pub deposits: u64,
    /// What they were worth in the end.
    pub value: i64,
}

/// Sums over the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Leveraged accounts that were liquidated, wholly or in part.
    pub liquidated_accounts: u64,
    /// Times that an account became due.
    pub due: u64,
    /// Times that one recovered.
    pub recovered: u64,
    /// The most accounts that became due in one step.
    pub due_most: u64,
    /// Notional at the mark that left accounts: book, takeover, deleveraging; the fund is one.
    pub liquidated: [u64; 3],
    /// Fees of liquidating fills.
    pub fees: u64,
    /// What of them went to makers.
    pub bonuses: u64,
    /// What the fund gained at takeovers against the mark; below 0 a loss.
    pub takeover_gain: i64,
    /// Debts that the fund paid.
    pub debts_covered: u64,
    /// Funding that was paid by longs and shorts when their positions changed, the larger part.
    pub funding_paid: u64,
    /// The fund's value at the start, at its least and at the end.
    pub fund: [i64; 3],
}

/// Deleveraging by our rule and by the incumbents'.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deleveragings {
    /// How many there were.
    pub count: u64,
    /// Their lots.
    pub lots: u64,
    /// At the marks of their moments.
    pub notional: u64,
    /// Positions that stood on the other side of one.
    pub counterparties: u64,
    /// What happened: every counterparty gave its share.
    pub pro_rata: Closing,
    /// A model of the incumbents, beside the engine: highest profit × leverage first.
    pub queue: Closing,
}

/// What a rule took of the counterparties.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Closing {
    /// Positions of which it took lots.
    pub accounts_hit: u64,
    /// Positions of which nothing was left.
    pub wholly_closed: u64,
    /// The greatest share of a position that it took.
    pub greatest_share_ppm: u64,
    /// Gini coefficient of the shares taken: 0 all alike, 10^6 all of one.
    pub gini_ppm: u64,
    /// The part of the lots' notional that the one percent with the most gave.
    pub top_percent_ppm: u64,
    /// The most notional that one gave.
    pub greatest_notional: u64,
    /// Shares taken, ascending, at each percent of the positions.
    pub shares_ppm: Vec<u64>,
}

/// Commands of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Commands {
    /// Accepted.
    pub accepted: u64,
    /// Refused.
    pub refused: u64,
}

/// What was checked on the way; a simulation in which a check fails gives an error and no report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checks {
    /// Commands after which conservation, Σ position = 0, open interest and the touched positions
    /// were compared with books that follow the events.
    pub conservation: u64,
    /// Times that every invariant of the whole state was checked.
    pub invariants: u64,
    /// Sealed batches.
    pub batches: u64,
}

/// How a simulation ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct End {
    /// Nobody is due, no trigger is pending, every account with positions has its maintenance
    /// margin.
    pub is_healthy: bool,
    /// Accounts with positions below maintenance margin.
    pub unhealthy: u64,
    /// Σ of what accounts other than the fund are worth below 0.
    pub bad_debt: u64,
    /// What the fund is worth below 0.
    pub fund_debt: u64,
    /// The state's root, 4 felts in decimal.
    pub root: [String; 4],
}
