// What every command, and every user's command, must pass first (docs/spec/commands.md § 3, § 4).

from generated.constants import ACCOUNT_BITS, DELTA_MS_MAX, KEYS_MAX, NONCE_MAX, TIME_MAX
from lib.builtins import Poseidon2, Schnorr
from lib.integers import assert_at_least, assert_in_range
from lib.signature_builtin import PublicKey, is_no_key, verify_signature
from lib.sponge import Digest
from messages import hash_user_message
from registers import Environment
from state.accounts import raise_nonce

const ACCOUNT_BOUND = 2 ** ACCOUNT_BITS;

// What a user signed, beside the head and the command's own fields, and the nonce's step.
struct Authorisation {
    key: felt,
    account: felt,
    nonce_step: felt,
    valid_until_ms: felt,
}

// Proven here: program time moves on by 0 .. 4095 ms; the result.
// Not proven here: it is below 2^44; it only grows, and the batch's last time is checked.
func advance_time{range_check_ptr}(time_ms: felt, delta_ms: felt) -> felt {
    assert_in_range(delta_ms, DELTA_MS_MAX);
    return time_ms + delta_ms;
}

// Proven here:
// 1. key and account are in range (1001);
// 2. the key is registered (1003), and so the account exists (1002): a key leaf is only ever written
//    below an account that is open, and an account is never closed;
// 3. the message is not expired and its last moment is below 2^44 (4003, 1001);
// 4. the nonce, the key's highest + nonce_step, is above that and at most nonce_step_max above it
//    (1004, 1005), below 2^48 (1001), and is the key's highest from now on;
// 5. the key signed this message (1006).
// Guarantees: the message's hash and the nonce.
// Assumes: `head` is made of the same key and account; now_ms < 2^45; nonce_step_max <= NONCE_MAX.
func admit{range_check_ptr, poseidon2_ptr: Poseidon2*, state_ptr: felt*, schnorr_ptr: Schnorr*}(
    env: Environment*,
    now_ms: felt,
    authorisation: Authorisation*,
    nonce_step_max: felt,
    head: felt,
    f0: felt,
    f1: felt,
    f2: felt,
) -> (message: Digest*, nonce: felt) {
    alloc_locals;
    assert_in_range(authorisation.key, KEYS_MAX - 1);
    assert_in_range(authorisation.account, ACCOUNT_BOUND - 1);
    assert_at_least(authorisation.valid_until_ms, now_ms + 1);
    assert_at_least(TIME_MAX, authorisation.valid_until_ms);
    assert_in_range(authorisation.nonce_step - 1, nonce_step_max - 1);

    let leaf = raise_nonce(authorisation.account, authorisation.key, authorisation.nonce_step);
    let public_key = cast(leaf, PublicKey*);
    let is_missing = is_no_key(public_key);
    assert is_missing = 0;
    local nonce = leaf.nonce + authorisation.nonce_step;
    assert_at_least(NONCE_MAX, nonce);

    let message = hash_user_message(env, head, nonce, authorisation.valid_until_ms, f0, f1, f2);
    verify_signature(public_key, message);
    return (message=message, nonce=nonce);
}
