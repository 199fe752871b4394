// deleverage: the sequencer has a counterparty give its share of a deleveraging.
//
// Proven here: 1. a deleveraging runs (4105). 2. the account is in range (1001), its position is of the
// opposite side, and this deleveraging has not visited it (1111): what visits a position leaves its number
// there, which no earlier one had. 3. its share by the formulas (liquidation/formulas.cairo); both positions,
// the market's sums, and touch of both accounts. 4. the deleveraging ends just when as many lots were visited
// as the whole side has, so that everybody there was visited once; only the order is the sequencer's.
// Not proven here: that the whole side has `total` lots (state.md § 10). Meanwhile nothing else changes a
// size: `registers.assert_calm` and `sequencer_liquidate` keep everything away that could.

from generated.codes import KIND_DELEVERAGE
from generated.constants import (
    ACCOUNT_BITS,
    HEAD_ACCOUNT_SHIFT,
    MARKETS_MAX,
    RECORD_DELTA_SHIFT,
)
from generated.leaves import DeleveragingLeaf, MarginLeaf
from admission import advance_time
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_in_range, is_nonnegative
from liquidation.exchange import Effect, add_effects, change_position, touch_account
from liquidation.formulas import deleveraged_share
from messages import hash_nothing
from registers import Environment, Lists, Registers, Slots, with_lists
from state.accounts import read_position
from state.standing import stamp_position
from state.due import read_due
from state.markets import read_margin
from state.system import read_deleveraging, write_deleveraging

struct DeleverageAdvice {
    kind: felt,
    delta_ms: felt,
    account: felt,
}

func sequencer_deleverage{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: DeleverageAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let now_ms = advance_time(registers.time_ms, advice.delta_ms);
    local now_ms = now_ms;
    local other = advice.account;
    assert_in_range(other, 2 ** ACCOUNT_BITS - 1);
    let lists = registers.slots.lists;
    let lots = deleverage_next{lists=lists}(other);
    local lots = lots;
    let slots = with_lists(registers.slots, lists);
    local slots: Slots* = slots;

    assert registers.commands[0] = KIND_DELEVERAGE + HEAD_ACCOUNT_SHIFT * other +
        RECORD_DELTA_SHIFT * advice.delta_ms;
    hash_nothing();
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=registers.commands + 1,
    );
    return (
        code=0, first=other, second=lots, third=0, next_advice=advice + DeleverageAdvice.SIZE
    );
}

// Proven here: statements 1 to 4; the lots closed.
// Assumes: other < 2^32.
func deleverage_next{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, lists: Lists*}(
    other: felt
) -> felt {
    alloc_locals;
    let running = read_deleveraging();
    local running: DeleveragingLeaf* = running;
    // One runs: the target has an inverse.
    tempvar inverse = 1 / running.target;
    let target = muldiv_ptr;
    assert target.a = running.target - 1;
    assert target.b = 1;
    assert target.e = 0;
    assert target.c = MARKETS_MAX;
    local account = target.q;
    local market = target.r;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;

    let position = read_position(account, market);
    let is_long = is_nonnegative(position.size);
    local sign = 2 * is_long - 1;
    let position = read_position(other, market);
    local size = -sign * position.size;
    assert [range_check_ptr] = size - 1;
    local visited = running.visited + size;
    // Follows from the invariants; a second lock on the door.
    assert [range_check_ptr + 1] = running.total - visited;
    let range_check_ptr = range_check_ptr + 2;
    let stamp = stamp_position(other, market, running.number);
    // It is another one: the difference has an inverse.
    tempvar inverse = 1 / (running.number - stamp);

    let (local closed, local paid) = deleveraged_share(
        running.lots, running.quote, running.total, visited
    );
    local lots = closed - running.closed;
    close_lots(account, other, market, sign * lots, paid - running.paid);
    if (visited == running.total) {
        write_deleveraging(
            DeleveragingLeaf(
                target=0,
                lots=0,
                quote=0,
                total=0,
                visited=0,
                closed=0,
                paid=0,
                number=running.number,
            ),
        );
        return lots;
    }
    write_deleveraging(
        DeleveragingLeaf(
            target=running.target,
            lots=running.lots,
            quote=running.quote,
            total=running.total,
            visited=visited,
            closed=closed,
            paid=paid,
            number=running.number,
        ),
    );
    return lots;
}

// Guarantees: `lots` (signed as the account's position) of the account go to the other one, for `quote`;
// both are touched. Nothing happens for 0 lots.
func close_lots{muldiv_ptr: Muldiv*, state_ptr: felt*, lists: Lists*}(
    account: felt, other: felt, market: felt, lots: felt, quote: felt
) {
    alloc_locals;
    if (lots == 0) {
        return ();
    }
    let first = read_margin(market, 0);
    local first: MarginLeaf* = first;
    let given = change_position(account, market, first, -lots, quote, 0);
    local given: Effect = given;
    let taken = change_position(other, market, first, lots, -quote, 0);
    local taken: Effect = taken;
    add_effects(market, given, taken);
    touch_target(account);
    touch_account(other);
    return ();
}

// Proven here: touch of the account whose lots are closed. All but the fund are due, and touch leaves those
// as they are: that is seen first, before all their positions are read.
func touch_target{muldiv_ptr: Muldiv*, state_ptr: felt*, lists: Lists*}(account: felt) {
    let due = read_due(account);
    if (due.is_due != 0) {
        return ();
    }
    return touch_account(account);
}
