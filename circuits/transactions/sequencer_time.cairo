// time: the sequencer moves program time on.
//
// Proven here: 1. time does not go back (4001). 2. it is below 2^44 (1001).
// Not proven here: that it is not ahead of the world; the contract compares a batch's last time with
// the block's.

from generated.codes import KIND_TIME
from generated.constants import RECORD_TIME_SHIFT, TIME_MAX
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_at_least
from messages import hash_nothing
from registers import Environment, Registers

struct TimeAdvice {
    kind: felt,
    time_ms: felt,
}

func sequencer_time{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: TimeAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    assert_at_least(advice.time_ms, registers.time_ms);
    assert_at_least(TIME_MAX, advice.time_ms);
    assert registers.commands[0] = KIND_TIME + RECORD_TIME_SHIFT * advice.time_ms;
    hash_nothing();
    tempvar registers = new Registers(
        time_ms=advice.time_ms,
        next_order_id=registers.next_order_id,
        slots=registers.slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=registers.commands + 1,
    );
    return (
        code=0, first=advice.time_ms, second=0, third=0, next_advice=advice + TimeAdvice.SIZE
    );
}
