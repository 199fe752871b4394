// What every command, and every user's command, must pass first (docs/spec/commands.md § 3, § 4).

from generated.codes import KIND_QUOTE_WORDS
from generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_BITS,
    ACCOUNT_STRIDE,
    DELTA_MS_MAX,
    DOMAIN_LOG,
    HEAD_ACCOUNT_SHIFT,
    HEAD_KEY_SHIFT,
    KEYS_MAX,
    KEY_LEAF,
    LOG_LINK_FELTS,
    NONCE_MAX,
    QUOTE_ENTRY_WORDS,
    RECORD_DELTA_SHIFT,
    TIME_MAX,
)
from generated.leaves import KeyLeaf
from lib.builtins import ACCESS_CELLS, Poseidon2, Schnorr
from lib.integers import RANGE_TOP, assert_in_range
from lib.signature_builtin import PublicKey, is_no_key
from lib.sponge import Digest, Sponge, absorb_words
from state.accesses import KeyAccess

const ACCOUNT_BOUND = 2 ** ACCOUNT_BITS;

// How the record of every user's command begins: its kind, the step of time, what the user signed
// beside the command's own fields, and the nonce's step.
struct Signed {
    kind: felt,
    delta_ms: felt,
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
// 1. program time moves on by 0 .. 4095 ms (4001, 4002);
// 2. key and account are in range (1001);
// 3. the key is registered (1003), and so the account exists (1002): a key leaf is only ever written
//    below an account that is open, and an account is never closed;
// 4. the message is not expired and its last moment is below 2^44 (4003, 1001);
// 5. the nonce, the key's highest + nonce_step, is above that and at most nonce_step_max above it
//    (1004, 1005), below 2^48 (1001), and is the key's highest from now on;
// 6. the key signed this message (1006): head, nonce, expiry, the fields f0 .. f4, and behind them the
//    words of `entries` entries of a quote, which stand behind the record's second word;
// 7. the record's first word is the head and the step of time.
// Guarantees: the time and the nonce; the Poseidon2 instance before poseidon2_ptr is the first block of
// the command's link of the log, its message (messages.cairo).
// Assumes: `fields` are the head's kind and, in their places, those that only this command has;
// `start` is the sponge of a message of this length after chain id and rollup; entries < 2^31, 0 for every
// command but quote; time_ms < 2^45; nonce_step_max <= NONCE_MAX.
// All in one body: it runs for nearly every command, and calls would cost more than what they do.
func admit{range_check_ptr, poseidon2_ptr: Poseidon2*, state_ptr: felt*, schnorr_ptr: Schnorr*}(
    start: Sponge*,
    time_ms: felt,
    words: felt*,
    signed: Signed*,
    nonce_step_max: felt,
    fields: felt,
    f0: felt,
    f1: felt,
    f2: felt,
    f3: felt,
    f4: felt,
    entries: felt,
) -> (now_ms: felt, nonce: felt) {
    alloc_locals;
    tempvar delta_ms = signed.delta_ms;
    tempvar key = signed.key;
    tempvar account = signed.account;
    tempvar nonce_step = signed.nonce_step;
    tempvar valid_until_ms = signed.valid_until_ms;
    local now_ms = time_ms + delta_ms;
    assert [range_check_ptr] = delta_ms;
    assert [range_check_ptr + 1] = delta_ms + (RANGE_TOP - DELTA_MS_MAX);
    assert [range_check_ptr + 2] = key;
    assert [range_check_ptr + 3] = key + (RANGE_TOP - (KEYS_MAX - 1));
    assert [range_check_ptr + 4] = account;
    assert [range_check_ptr + 5] = account + (RANGE_TOP - (ACCOUNT_BOUND - 1));
    // now_ms < 2^46, so what is this far above it is below 2^63.
    assert [range_check_ptr + 6] = valid_until_ms - now_ms - 1;
    assert [range_check_ptr + 7] = valid_until_ms + (RANGE_TOP - TIME_MAX);
    assert [range_check_ptr + 8] = nonce_step - 1;
    assert [range_check_ptr + 9] = nonce_step_max - nonce_step;

    // The key's leaf: the nonce rises.
    let access = cast(state_ptr, KeyAccess*);
    assert access.key = account * ACCOUNT_STRIDE + key + (ACCOUNT_BASE + KEY_LEAF);
    local leaf: KeyLeaf* = &access.before;
    local nonce = leaf.nonce + nonce_step;
    assert [range_check_ptr + 10] = nonce + (RANGE_TOP - NONCE_MAX);
    local key0 = leaf.key0;
    local key1 = leaf.key1;
    local key2 = leaf.key2;
    local key3 = leaf.key3;
    local key4 = leaf.key4;
    assert access.after.key0 = key0;
    assert access.after.key1 = key1;
    assert access.after.key2 = key2;
    assert access.after.key3 = key3;
    assert access.after.key4 = key4;
    assert access.after.nonce = nonce;
    assert access.after.reserved6 = leaf.reserved6;
    assert access.after.reserved7 = leaf.reserved7;

    // The message: after chain id and rollup two blocks, then the entries.
    tempvar head = fields + key * HEAD_KEY_SHIFT + account * HEAD_ACCOUNT_SHIFT;
    assert words[0] = head + delta_ms * RECORD_DELTA_SHIFT;
    assert poseidon2_ptr.in0 = start.r0 + head;
    assert poseidon2_ptr.in1 = start.r1 + nonce;
    assert poseidon2_ptr.in2 = start.r2 + valid_until_ms;
    assert poseidon2_ptr.in3 = start.r3 + f0;
    assert poseidon2_ptr.in4 = start.c0;
    assert poseidon2_ptr.in5 = start.c1;
    assert poseidon2_ptr.in6 = start.c2;
    assert poseidon2_ptr.in7 = start.c3;
    let last = poseidon2_ptr + Poseidon2.SIZE;
    assert last.in0 = poseidon2_ptr.out0 + f1;
    assert last.in1 = poseidon2_ptr.out1 + f2;
    assert last.in2 = poseidon2_ptr.out2 + f3;
    assert last.in3 = poseidon2_ptr.out3 + f4;
    assert last.in4 = poseidon2_ptr.out4;
    assert last.in5 = poseidon2_ptr.out5;
    assert last.in6 = poseidon2_ptr.out6;
    assert last.in7 = poseidon2_ptr.out7;

    local message: Digest*;
    if (entries == 0) {
        assert message = cast(&last.out0, Digest*);
        tempvar poseidon2_ptr = last + Poseidon2.SIZE;
    } else {
        let poseidon2_ptr = last + Poseidon2.SIZE;
        let sponge = absorb_words(
            cast(&last.out0, Sponge*), words + KIND_QUOTE_WORDS, QUOTE_ENTRY_WORDS * entries
        );
        assert message = cast(sponge, Digest*);
        tempvar poseidon2_ptr = poseidon2_ptr;
    }

    // Its hash is what the key signed, and the first block of the command's link.
    tempvar message0 = message.d0;
    tempvar message1 = message.d1;
    tempvar message2 = message.d2;
    tempvar message3 = message.d3;
    assert schnorr_ptr.key0 = key0;
    assert schnorr_ptr.key1 = key1;
    assert schnorr_ptr.key2 = key2;
    assert schnorr_ptr.key3 = key3;
    assert schnorr_ptr.key4 = key4;
    assert schnorr_ptr.message0 = message0;
    assert schnorr_ptr.message1 = message1;
    assert schnorr_ptr.message2 = message2;
    assert schnorr_ptr.message3 = message3;
    let link = poseidon2_ptr;
    tempvar zero = 0;
    assert link.in0 = message0;
    assert link.in1 = message1;
    assert link.in2 = message2;
    assert link.in3 = message3;
    assert link.in4 = DOMAIN_LOG;
    assert link.in5 = LOG_LINK_FELTS;
    assert link.in6 = zero;
    assert link.in7 = zero;

    // A first limb that is not zero does to be a key; without one the others are looked at.
    if (key0 == 0) {
        assert_is_key(cast(leaf, PublicKey*));
    }
    let range_check_ptr = range_check_ptr + 11;
    let poseidon2_ptr = link + Poseidon2.SIZE;
    let state_ptr = state_ptr + ACCESS_CELLS;
    let schnorr_ptr = schnorr_ptr + Schnorr.SIZE;
    return (now_ms=now_ms, nonce=nonce);
}

// Proven here: some limb is not zero.
func assert_is_key(key: PublicKey*) {
    let is_missing = is_no_key(key);
    assert is_missing = 0;
    return ();
}
