// fund: the hour's funding of all markets.
//
// Proven here: 1. program time has not passed the moment at which funding is due, and is that moment now
// (4005, 4006). 2. for each market from 0 on, as many as the venue has, the hour's rate and the
// cumulative funding by their formulas (prices/funding.cairo), in every tier. 3. funding is next due an
// hour later. 4. nothing is to be liquidated before (4104) and no conditional order has to fire (4108), and
// afterwards just those markets are pending of which a trigger is crossed.
// Not proven here: the moment is below 2^44 (1001); the batch's last time is checked.

from generated.codes import KIND_FUND
from generated.constants import FUNDING_PERIOD_MS
from generated.leaves import FundingLeaf, MarketLeaf, MarkLeaf, PricingLeaf
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_at_least
from liquidation.pending import pending_bit
from margin.tiers import write_tier_funding
from messages import hash_nothing
from prices.funding import funding_bound, hourly_rate, next_funding
from prices.tick import sample_premium
from registers import Environment, Registers, Schedule, assert_calm
from state.markets import (
    read_funding,
    read_margin,
    read_mark,
    read_market,
    read_pricing,
    write_funding,
)

struct FundAdvice {
    kind: felt,
}

func sequencer_fund{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: FundAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    assert_calm(registers);
    local due_ms = registers.schedule.funding_due_ms;
    assert_at_least(due_ms, registers.time_ms);
    let pending = fund_markets(0, env.config.markets, due_ms, env.config.tick_max_ms, 0);
    local pending = pending;

    assert registers.commands[0] = KIND_FUND;
    hash_nothing();
    tempvar schedule = new Schedule(
        funding_due_ms=due_ms + FUNDING_PERIOD_MS,
        next_sub_account=registers.schedule.next_sub_account,
        pending=pending,
        crossed=0,
        waiting_free=registers.schedule.waiting_free,
        waiting_high=registers.schedule.waiting_high,
    );
    tempvar registers = new Registers(
        time_ms=due_ms,
        next_order_id=registers.next_order_id,
        slots=registers.slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=registers.commands + 1,
    );
    return (code=0, first=due_ms, second=0, third=0, next_advice=advice + FundAdvice.SIZE);
}

// Guarantees: the markets from `market` up to `end` are funded; `pending` with the bits of those of which a
// trigger is crossed then.
// Assumes: market <= end <= 32; sampled_ms <= due_ms in each.
func fund_markets{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    market: felt, end: felt, due_ms: felt, tick_max_ms: felt, pending: felt
) -> felt {
    alloc_locals;
    if (market == end) {
        return pending;
    }
    let leaf = read_market(market);
    local leaf: MarketLeaf* = leaf;
    let mark = read_mark(market);
    local mark: MarkLeaf* = mark;
    let before = read_funding(market);
    local before: FundingLeaf* = before;
    let pricing = read_pricing(market);
    local pricing: PricingLeaf* = pricing;
    let first = read_margin(market, 0);
    local bias = first.bias;

    let premium_sum = sample_premium(
        before.premium_sum, before.premium_ppm, before.sampled_ms, due_ms, tick_max_ms
    );
    let hourly_ppm = hourly_rate(
        premium_sum, pricing.interest_ppm, pricing.clamp_ppm, pricing.rate_max_ppm
    );
    local hourly_ppm = hourly_ppm;
    let bound = funding_bound(bias, leaf.price_max, leaf.multiplier);
    let funding = next_funding(
        before.funding, hourly_ppm, mark.index_ticks, leaf.multiplier, bound
    );
    local funding = funding;
    write_funding(market, before.premium_ppm, 0, due_ms, funding, hourly_ppm);
    write_tier_funding(market, 0, funding);
    let bit = pending_bit(market);
    return fund_markets(market + 1, end, due_ms, tick_max_ms, pending + bit);
}
