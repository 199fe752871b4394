// trigger: the sequencer has the next conditional order fire whose trigger the mark has reached, or sees that a
// market has none (docs/spec/conditional.md § 4).
//
// Proven here: 1. nobody is to be liquidated (4104), and some market is crossed (4109); the lowest one is meant.
// 2. without a crossed list there it is crossed no more. 3. else the head of the first crossed list is meant: rising
// before falling. 4. one that is cleared, expired or orphaned is dropped. 5. any other fires: its partner is
// dropped, it leaves its list, and is placed, or rejected with the code of the first check of placing that fails
// (conditional/firing.cairo). Nothing in it is anybody's choice but the moment, which may decide about expiry and 4102.
// Not proven here: what the lists hold, and that their heads have the least keys (place_conditional).

from generated.codes import KIND_TRIGGER
from generated.constants import RECORD_DELTA_SHIFT, RECORD_OPTIONS_SHIFT
from generated.leaves import AccountLeaf, ConditionalLeaf, PositionLeaf, TermsLeaf
from admission import advance_time
from conditional.firing import Placing, place_fired
from conditional.lists import crossed_head, drop_conditional
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.powers import power_of_two
from liquidation.pending import lowest_market
from matching.dead import is_dead
from messages import hash_nothing
from registers import Environment, Registers, Schedule, Slots, assert_liquidated, with_due
from state.accounts import read_account, read_position
from state.conditionals import read_conditional, read_terms
from state.markets import read_mark
from state.standing import read_standing

struct TriggerAdvice {
    kind: felt,
    delta_ms: felt,
    placing: Placing,
}

func sequencer_trigger{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: TriggerAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let now_ms = advance_time(registers.time_ms, advice.delta_ms);
    local now_ms = now_ms;
    assert_liquidated(registers);
    let schedule = registers.schedule;
    let slots = registers.slots;
    let (local code, local first, local second, local third, fees) = trigger_next{
        schedule=schedule, slots=slots
    }(now_ms, now_ms - env.config.tick_max_ms, &advice.placing, registers.fees);
    local fees = fees;
    local schedule: Schedule* = schedule;
    local slots: Slots* = slots;

    assert registers.commands[0] = KIND_TRIGGER + RECORD_DELTA_SHIFT * advice.delta_ms;
    hash_nothing();
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=slots,
        custody=registers.custody,
        fees=fees,
        schedule=schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=registers.commands + 1,
    );
    return (
        code=code, first=first, second=second, third=third, next_advice=advice + TriggerAdvice.SIZE
    );
}

// Proven here: statements 1 to 5; the outcome, and the venue's fees after.
// Assumes: crossed < 2^32.
func trigger_next{
    range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, schedule: Schedule*, slots: Slots*
}(now_ms: felt, oldest_ms: felt, placing: Placing*, fees: felt) -> (
    code: felt, first: felt, second: felt, third: felt, fees: felt
) {
    alloc_locals;
    local crossed = schedule.crossed;
    // Some bit is set: the bitmap has an inverse.
    tempvar inverse = 1 / crossed;
    let market = lowest_market(crossed, 0);
    local market = market;
    let mark = read_mark(market);
    let slot = crossed_head(market, mark.mark_ticks);
    local slot = slot;
    if (slot == 0) {
        let bit = power_of_two(market);
        let schedule = with_due(schedule, schedule.pending, crossed - bit);
        return (code=0, first=0, second=market, third=0, fees=fees);
    }

    let order = read_conditional(slot);
    local order: ConditionalLeaf* = order;
    let terms = read_terms(slot);
    local terms: TermsLeaf* = terms;
    let account = read_account(order.account);
    local account: AccountLeaf* = account;
    let position = read_position(order.account, market);
    local position: PositionLeaf* = position;
    let may_fire = is_alive(order, terms, account, position.orders, market, now_ms);
    if (may_fire == 0) {
        drop_conditional(slot);
        return (code=0, first=order.order_id, second=market, third=0, fees=fees);
    }
    if (order.partner != 0) {
        drop_conditional(order.partner);
        tempvar muldiv_ptr = muldiv_ptr;
        tempvar state_ptr = state_ptr;
        tempvar schedule = schedule;
    } else {
        tempvar muldiv_ptr = muldiv_ptr;
        tempvar state_ptr = state_ptr;
        tempvar schedule = schedule;
    }
    drop_conditional(slot);
    let schedule_after = schedule;
    local schedule: Schedule* = schedule_after;
    let (code, filled, resting, fees) = place_fired(
        now_ms, oldest_ms, market, order, terms, account, position, placing, fees
    );
    return (code=code, first=order.order_id, second=filled, third=resting, fees=fees);
}

// Proven here: 1 if the waiting order is neither cleared nor expired nor orphaned, else 0: tied to a whole position,
// it is orphaned when that is not the one that it was placed for.
// Assumes: the leaves are its own and its account's, `orders` its position's packed count, as they are now.
func is_alive{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    order: ConditionalLeaf*,
    terms: TermsLeaf*,
    account: AccountLeaf*,
    orders: felt,
    market: felt,
    now_ms: felt,
) -> felt {
    alloc_locals;
    let dead = is_dead(order.order_id, terms.expiry_ms, account, orders, now_ms);
    if (dead != 0) {
        return 0;
    }
    // The lots: a tied order has none.
    assert muldiv_ptr.a = terms.size;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = RECORD_OPTIONS_SHIFT;
    let lots = muldiv_ptr.r;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    if (lots != 0) {
        return 1;
    }
    let standing = read_standing(order.account, market);
    if (standing.tenure == order.tenure) {
        return 1;
    }
    return 0;
}
