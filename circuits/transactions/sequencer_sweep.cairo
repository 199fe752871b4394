// sweep: the sequencer has a crossed trigger looked at, or sees that a market has none.
//
// Proven here: 1. some market is pending (4105); the lowest one is looked at. 2. without a crossed trigger
// there it is pending no more. 3. else the first account of the first crossed list is keyed, or, below
// its maintenance margin, becomes due. Nothing in it is anybody's choice but the moment.

from generated.codes import KIND_SWEEP
from generated.constants import RECORD_DELTA_SHIFT
from generated.leaves import AccountLeaf
from admission import advance_time
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import is_nonnegative
from lib.powers import power_of_two
from liquidation.due import become_due
from liquidation.parts import Part, find_parts
from liquidation.pending import lowest_market
from liquidation.touch import key
from liquidation.triggers import find_crossed
from messages import hash_nothing
from registers import Environment, Lists, Registers, Slots, with_due, with_lists
from state.accounts import read_account

struct SweepAdvice {
    kind: felt,
    delta_ms: felt,
}

func sequencer_sweep{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: SweepAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let now_ms = advance_time(registers.time_ms, advice.delta_ms);
    local now_ms = now_ms;
    local pending = registers.schedule.pending;
    // Some bit is set: the bitmap has an inverse.
    tempvar inverse = 1 / pending;
    let market = lowest_market(pending, 0);
    local market = market;
    let bit = power_of_two(market);
    local bit = bit;
    let account = find_crossed(market, 0);
    local account = account;
    let lists = registers.slots.lists;
    let (local is_done, local is_due) = look_at{lists=lists}(account);
    let slots = with_lists(registers.slots, lists);
    local slots: Slots* = slots;
    let schedule = with_due(
        registers.schedule, pending - is_done * bit, registers.schedule.crossed
    );

    assert registers.commands[0] = KIND_SWEEP + RECORD_DELTA_SHIFT * advice.delta_ms;
    hash_nothing();
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=registers.commands + 1,
    );
    return (
        code=0, first=account, second=market, third=is_due, next_advice=advice + SweepAdvice.SIZE
    );
}

// Proven here: an account whose trigger is crossed is keyed, or becomes due; which of the two. For account
// 0, none, nothing happens but that the market is done.
func look_at{muldiv_ptr: Muldiv*, state_ptr: felt*, lists: Lists*}(account: felt) -> (
    is_done: felt, is_due: felt
) {
    alloc_locals;
    if (account == 0) {
        return (is_done=1, is_due=0);
    }
    let leaf = read_account(account);
    local leaf: AccountLeaf* = leaf;
    let parts = find_parts(account, leaf.positions, 0);
    local parts: Part* = parts;
    local slack = leaf.collateral + parts.slack_sum;
    let is_healthy = is_nonnegative(slack);
    if (is_healthy != 0) {
        key(account, parts, slack);
        return (is_done=0, is_due=0);
    }
    become_due(account, parts, leaf.collateral, slack);
    return (is_done=0, is_due=1);
}
