// tick: a market's index, mark, premium and bands, from the oracles' reports and the book.
//
// Proven here: 1. the market is in range (1001) and exists (1101). 2. its last tick was before now (4206).
// 3. the index is the median of the fresh reports of all registered keys, and enough of them agree (4205;
// prices/index.cairo). 4. impact prices by the whole book (prices/impact.cairo). 5. sample, premium, basis,
// mark and bands by their formulas (prices/tick.cairo), each from the state before. 6. every tier has
// the new mark. 7. nothing is to be liquidated before (4104) and no conditional order has to fire (4108), and
// afterwards the market is pending just when a trigger of it is crossed, and in `crossed` just when a list of
// conditional orders of it is, by the new mark. Nothing in it is anybody's choice but the moment.

from generated.codes import KIND_TICK
from generated.constants import HEAD_MARKET_SHIFT, MARKETS_MAX, RECORD_DELTA_SHIFT, REPORT_KEYS
from generated.leaves import ConfigLeaf, FundingLeaf, MarketLeaf, MarkLeaf, PricingLeaf
from admission import advance_time
from conditional.lists import crossed_bit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_at_least, assert_in_range
from liquidation.pending import pending_bit
from margin.tiers import write_tier_marks
from messages import hash_nothing
from prices.impact import impact_price
from prices.index import FreshPrices, Report, assert_index, collect_fresh, read_reports
from prices.tick import mark_price, next_basis, premium, price_bands, sample_premium
from registers import Environment, Registers, assert_calm, with_due
from state.markets import (
    read_funding,
    read_mark,
    read_market,
    read_pricing,
    write_bands,
    write_funding,
    write_mark,
)

struct TickAdvice {
    kind: felt,
    delta_ms: felt,
    market: felt,
    // The median; a wrong one fails its counts.
    index_ticks: felt,
}

func sequencer_tick{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: TickAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    local market = advice.market;
    local index = advice.index_ticks;
    assert_calm(registers);
    let now_ms = advance_time(registers.time_ms, advice.delta_ms);
    local now_ms = now_ms;
    assert_in_range(market, MARKETS_MAX - 1);
    assert_index_of(env.config, market, index, now_ms);
    let mark = set_mark(env.config, market, index, now_ms);
    local mark = mark;
    let pending = pending_bit(market);
    local pending = pending;
    let crossed = crossed_bit(market, mark);
    let schedule = with_due(registers.schedule, pending, crossed);

    assert registers.commands[0] = KIND_TICK + HEAD_MARKET_SHIFT * market + RECORD_DELTA_SHIFT *
        advice.delta_ms;
    hash_nothing();
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=registers.slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=registers.commands + 1,
    );
    return (code=0, first=market, second=index, third=mark, next_advice=advice + TickAdvice.SIZE);
}

// Proven here: statement 3.
func assert_index_of{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*}(
    config: ConfigLeaf*, market: felt, index: felt, now_ms: felt
) {
    alloc_locals;
    let reports = read_reports(market, 0);
    let (fresh, count) = collect_fresh(
        market,
        0,
        config.oracles,
        cast(reports, Report*),
        REPORT_KEYS,
        now_ms - config.staleness_ms,
        cast(0, FreshPrices*),
        0,
    );
    assert_index(index, fresh, count, config.deviation_ppm, config.quorum);
    return ();
}

// Proven here: statements 1, 2 and 4 to 6; the mark.
// Assumes: statement 3; market < 32.
func set_mark{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*}(
    config: ConfigLeaf*, market: felt, index: felt, now_ms: felt
) -> felt {
    alloc_locals;
    let leaf = read_market(market);
    local leaf: MarketLeaf* = leaf;
    assert leaf.status = 1;
    let last = read_mark(market);
    local last: MarkLeaf* = last;
    assert_at_least(now_ms, last.tick_ms + 1);
    let funding = read_funding(market);
    local funding: FundingLeaf* = funding;
    let pricing = read_pricing(market);
    local pricing: PricingLeaf* = pricing;
    let bid = impact_price(market, 0, pricing.impact_quote, now_ms);
    local bid = bid;
    let ask = impact_price(market, 1, pricing.impact_quote, now_ms);
    local ask = ask;

    let premium_sum = sample_premium(
        funding.premium_sum, funding.premium_ppm, funding.sampled_ms, now_ms, config.tick_max_ms
    );
    local premium_sum = premium_sum;
    let premium_ppm = premium(bid, ask, index);
    local premium_ppm = premium_ppm;
    let basis_ppm = next_basis(
        last.basis_ppm,
        premium_ppm,
        last.tick_ms,
        now_ms,
        config.basis_cap_ppm,
        config.basis_window_ms,
    );
    local basis_ppm = basis_ppm;
    let mark = mark_price(index, basis_ppm, bid, ask, leaf.price_max);
    local mark = mark;
    let (low, high) = price_bands(mark, pricing.band_ppm, leaf.price_max);

    write_bands(market, low, high);
    write_mark(market, index, mark, now_ms, basis_ppm);
    write_funding(market, premium_ppm, premium_sum, now_ms, funding.funding, funding.rate_ppm);
    write_tier_marks(market, 0, mark * leaf.multiplier, now_ms);
    return mark;
}
