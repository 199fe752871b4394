// The index of a market: the median of the fresh oracle reports, and whether enough agree with it
// (docs/spec/prices.md § 2).

from generated.constants import MARKET_BASE, MARKET_STRIDE, PPM, PRICE_MAX, REPORT_KEYS, REPORT_LEAF
from generated.leaves import ReportLeaf
from lib.builtins import ACCESS_CELLS, Muldiv
from lib.integers import assert_in_range, halve, is_nonnegative
from state.accesses import ReportAccess

// What one oracle key said last, in the layout of a report leaf.
struct Report {
    price_ticks: felt,
    time_ms: felt,
}

// Fresh prices, the last one found first; as many as their number says.
struct FreshPrices {
    price_ticks: felt,
    rest: FreshPrices*,
}

// How the fresh prices stand to a price.
struct Counts {
    // Below it, and below it or equal.
    below: felt,
    up_to: felt,
    // Within the deviation.
    agreeing: felt,
}

// Proven here: the fresh prices among the last reports of exactly the keys whose bit is set in `oracles`,
// bit 0 standing for the key whose report `entry` points to; none can be left out: the bits are taken off
// one by one until none is left. The group's leaf has `left` reports from there on; those of the next
// keys are in the next leaf, `group` + 1.
// Assumes: oracles * 2^key < 2^8; reports are not after now_ms.
func collect_fresh{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    market: felt,
    group: felt,
    oracles: felt,
    entry: Report*,
    left: felt,
    oldest_ms: felt,
    fresh: FreshPrices*,
    count: felt,
) -> (fresh: FreshPrices*, count: felt) {
    alloc_locals;
    if (oracles == 0) {
        return (fresh=fresh, count=count);
    }
    if (left == 0) {
        let leaf = read_reports(market, group + 1);
        return collect_fresh(
            market, group + 1, oracles, cast(leaf, Report*), REPORT_KEYS, oldest_ms, fresh, count
        );
    }
    let (local rest, bit) = halve(oracles);
    let is_fresh = is_fresh_report(bit, entry, oldest_ms);
    if (is_fresh == 0) {
        return collect_fresh(
            market, group, rest, entry + Report.SIZE, left - 1, oldest_ms, fresh, count
        );
    }
    tempvar longer = new FreshPrices(price_ticks=entry.price_ticks, rest=fresh);
    return collect_fresh(
        market, group, rest, entry + Report.SIZE, left - 1, oldest_ms, longer, count + 1
    );
}

// Proven here: 1 for a report of a registered key (`bit` = 1) whose price is not 0 and whose time is not
// before oldest_ms, else 0.
func is_fresh_report{muldiv_ptr: Muldiv*}(bit: felt, report: Report*, oldest_ms: felt) -> felt {
    if (bit * report.price_ticks == 0) {
        return 0;
    }
    return is_nonnegative(report.time_ms - oldest_ms);
}

// Guarantees: the last reports of four keys on the market; unchanged.
// Assumes: market < 32, group < 2.
func read_reports{state_ptr: felt*}(market: felt, group: felt) -> ReportLeaf* {
    let access = cast(state_ptr, ReportAccess*);
    assert access.key = MARKET_BASE + REPORT_LEAF + MARKET_STRIDE * market + group;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Proven here: `index` is the median of the `count` fresh prices, for an even number the lower one, and
// at least `quorum` of them agree with it (4205). The index is advice, and only one number passes: one
// that is no fresh price has as many below it as up to it, and of the fresh ones only the median has
// 2 * below < count <= 2 * up_to. Without a fresh price there is none.
// Assumes: prices < 2^32, quorum and deviation are the venue's.
func assert_index{range_check_ptr, muldiv_ptr: Muldiv*}(
    index: felt, fresh: FreshPrices*, count: felt, deviation_ppm: felt, quorum: felt
) {
    alloc_locals;
    assert_in_range(index, PRICE_MAX);
    let counts = count_prices(
        index, deviation_ppm * index, fresh, count, Counts(below=0, up_to=0, agreeing=0)
    );
    assert [range_check_ptr] = count - 1 - 2 * counts.below;
    assert [range_check_ptr + 1] = 2 * counts.up_to - count;
    assert [range_check_ptr + 2] = counts.agreeing - quorum;
    let range_check_ptr = range_check_ptr + 3;
    return ();
}

// Proven here: `counts` and what the first `count` prices add to them.
// Assumes: index, prices < 2^32; deviation = deviation_ppm * index <= 2^52.
func count_prices{muldiv_ptr: Muldiv*}(
    index: felt, deviation: felt, fresh: FreshPrices*, count: felt, counts: Counts
) -> Counts {
    alloc_locals;
    if (count == 0) {
        return (counts);
    }
    local above = index - fresh.price_ticks;
    let is_up_to = is_nonnegative(above);
    local is_up_to = is_up_to;
    let distance = above * (2 * is_up_to - 1);
    let agrees = is_nonnegative(deviation - distance * PPM);
    if (above == 0) {
        return count_prices(
            index,
            deviation,
            fresh.rest,
            count - 1,
            Counts(below=counts.below, up_to=counts.up_to + 1, agreeing=counts.agreeing + agrees),
        );
    }
    return count_prices(
        index,
        deviation,
        fresh.rest,
        count - 1,
        Counts(
            below=counts.below + is_up_to,
            up_to=counts.up_to + is_up_to,
            agreeing=counts.agreeing + agrees,
        ),
    );
}
