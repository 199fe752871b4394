// burn_nonce: a user makes every message with a nonce up to this one worthless.
//
// Proven here: admission (admission.cairo), with a step of the nonce of any size.

from generated.codes import KIND_BURN_NONCE
from generated.constants import HEAD_ACCOUNT_SHIFT, HEAD_KEY_SHIFT, NONCE_MAX, RECORD_DELTA_SHIFT
from admission import Authorisation, admit, advance_time
from lib.builtins import Poseidon2, Schnorr
from registers import Done, Environment, Registers

struct BurnNonceAdvice {
    kind: felt,
    delta_ms: felt,
    authorisation: Authorisation,
}

func l2_burn_nonce{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: BurnNonceAdvice*) -> Done* {
    alloc_locals;
    let now_ms = advance_time(registers.time_ms, advice.delta_ms);
    local now_ms = now_ms;
    let authorisation = &advice.authorisation;
    local head = KIND_BURN_NONCE + HEAD_KEY_SHIFT * authorisation.key + HEAD_ACCOUNT_SHIFT *
        authorisation.account;
    let (message, nonce) = admit(env, now_ms, authorisation, NONCE_MAX, head, 0, 0, 0);

    assert registers.commands[0] = head + RECORD_DELTA_SHIFT * advice.delta_ms;
    assert registers.commands[1] = nonce;
    tempvar done = new Done(message=message, code=0, first=nonce, second=0, third=0);
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=registers.slots,
        custody=registers.custody,
        fees=registers.fees,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=registers.commands + 2,
    );
    return done;
}
