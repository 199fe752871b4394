// What L1 asked for: total, so that no request can stop the chain (docs/spec/commands.md § 8).

from generated.codes import KIND_REQUEST, REQUEST_KIND_DEPOSIT, REQUEST_KIND_FORCED_WITHDRAWAL
from generated.constants import (
    ACCOUNT_MAX,
    AMOUNT_MAX,
    RECORD_CODE_SHIFT,
    RECORD_DELTA_SHIFT,
    REQUEST_WORDS,
)
from admission import advance_time
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_in_range
from lib.key_encoding import Gfp5
from lib.sponge import Digest
from messages import hash_request
from registers import Environment, Lists, Registers, with_lists
from transactions.l1_deposit import l1_deposit
from transactions.l1_forced_withdrawal import l1_forced_withdrawal
from transactions.request import Request

struct RequestAdvice {
    kind: felt,
    delta_ms: felt,
    request: Request,
    // For a deposit with a key: the witness of lib/key_encoding.cairo; else unread.
    root: Gfp5,
}

const OWNER_LIMB_MAX = 2 ** 56 - 1;
const LAST_OWNER_LIMB_MAX = 2 ** 48 - 1;
const REQUEST_KEY_MAX = 2 ** 8 - 1;

// Proven here: 1. the words are published as the next request's. 2. they are of a form that the contract
// admits (1001). 3. the request has the one outcome that the rules give it.
// Not proven here: that they are the words of that request (5001), nor that its time has come: the
// contract's chain of requests and its times say so.
func execute_request{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: RequestAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let now_ms = advance_time(registers.time_ms, advice.delta_ms);
    local now_ms = now_ms;
    let request = &advice.request;
    local request: Request* = request;
    assert [cast(registers.requests, Request*)] = [request];
    assert_admitted(request);
    hash_request(cast(request, Digest*));

    let withdrawals = registers.withdrawals;
    let lists = registers.slots.lists;
    let (local code, local amount, local custody) = decide_request{
        withdrawals=withdrawals, lists=lists
    }(env, now_ms, request, &advice.root, registers.custody);
    let slots = with_lists(registers.slots, lists);
    let words = registers.commands;
    assert words[0] = KIND_REQUEST + RECORD_CODE_SHIFT * code + RECORD_DELTA_SHIFT *
        advice.delta_ms;
    assert words[1] = amount;
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=slots,
        custody=custody,
        fees=registers.fees,
        schedule=registers.schedule,
        requests=registers.requests + REQUEST_WORDS,
        withdrawals=withdrawals,
        commands=words + 2,
    );
    return (
        code=code, first=amount, second=0, third=0, next_advice=advice + RequestAdvice.SIZE
    );
}

// Proven here: account, owner and amount are in range, and the key index (1001).
func assert_admitted{range_check_ptr}(request: Request*) {
    assert_in_range(request.account - 1, ACCOUNT_MAX - 1);
    assert_in_range(request.owner0, OWNER_LIMB_MAX);
    assert_in_range(request.owner1, OWNER_LIMB_MAX);
    assert_in_range(request.owner2, LAST_OWNER_LIMB_MAX);
    assert_in_range(request.amount, AMOUNT_MAX);
    assert_in_range(request.key, REQUEST_KEY_MAX);
    return ();
}

// Guarantees: code, amount done and custody after.
func decide_request{muldiv_ptr: Muldiv*, state_ptr: felt*, withdrawals: felt*, lists: Lists*}(
    env: Environment*, now_ms: felt, request: Request*, root: Gfp5*, custody: felt
) -> (code: felt, amount: felt, custody: felt) {
    if (request.kind == REQUEST_KIND_DEPOSIT) {
        let (code, amount, custody) = l1_deposit(request, root, custody);
        return (code=code, amount=amount, custody=custody);
    }
    assert request.kind = REQUEST_KIND_FORCED_WITHDRAWAL;
    return l1_forced_withdrawal(request, now_ms - env.config.tick_max_ms, custody);
}
