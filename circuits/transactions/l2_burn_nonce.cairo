// burn_nonce: a user makes every message with a nonce up to this one worthless.
//
// Proven here: admission (admission.cairo), with a step of the nonce of any size.

from generated.codes import KIND_BURN_NONCE
from generated.constants import NONCE_MAX
from admission import Signed, admit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from registers import Environment, Registers

struct BurnNonceAdvice {
    signed: Signed,
}

func l2_burn_nonce{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: BurnNonceAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    let words = registers.commands;
    let (now_ms, nonce) = admit(
        &env.user_message,
        registers.time_ms,
        words,
        &advice.signed,
        NONCE_MAX,
        KIND_BURN_NONCE,
        0,
        0,
        0,
        0,
        0,
        0,
    );
    assert words[1] = nonce;
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=registers.slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + 2,
    );
    return (code=0, first=nonce, second=0, third=0, next_advice=advice + BurnNonceAdvice.SIZE);
}
