// liquidate: the sequencer has the first due account liquidated by a step.
//
// Proven here: 1. an account is due (4105); the first one is meant. 2. no market is pending (4106). 3. no
// deleveraging runs (4107). 4. the one step that the rules give it (liquidation/liquidate.cairo). Nothing
// in it is anybody's choice but the moment.

from generated.codes import KIND_LIQUIDATE
from generated.constants import RECORD_DELTA_SHIFT
from admission import advance_time
from lib.builtins import Muldiv, Poseidon2, Schnorr
from liquidation.liquidate import liquidate_first
from messages import hash_nothing
from registers import Environment, Registers, Slots
from state.system import read_deleveraging

struct LiquidateAdvice {
    kind: felt,
    delta_ms: felt,
}

func sequencer_liquidate{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: LiquidateAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let now_ms = advance_time(registers.time_ms, advice.delta_ms);
    local now_ms = now_ms;
    local account = registers.slots.lists.due_first;
    // Someone is: the number has an inverse.
    tempvar inverse = 1 / account;
    assert registers.schedule.pending = 0;
    let running = read_deleveraging();
    assert running.target = 0;

    let slots = registers.slots;
    let (local market, local lots, local fees) = liquidate_first{slots=slots}(
        now_ms, registers.fees
    );
    local slots: Slots* = slots;

    assert registers.commands[0] = KIND_LIQUIDATE + RECORD_DELTA_SHIFT * advice.delta_ms;
    hash_nothing();
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=slots,
        custody=registers.custody,
        fees=fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=registers.commands + 1,
    );
    return (
        code=0, first=account, second=market, third=lots, next_advice=advice + LiquidateAdvice.SIZE
    );
}
