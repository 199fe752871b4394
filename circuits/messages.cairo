// Hashes of what users, oracles and L1 say, and the chain that binds them to their outcomes
// (docs/spec/commands.md § 2, § 8, § 9).

from generated.constants import (
    DOMAIN_LOG,
    DOMAIN_MESSAGE,
    DOMAIN_ORACLE,
    DOMAIN_REQUEST,
    LOG_LINK_FELTS,
    MESSAGE_FELTS,
    ORACLE_MESSAGE_FELTS,
    REQUEST_WORDS,
)
from generated.output import PublicWords
from lib.builtins import Poseidon2
from lib.sponge import Digest, Sponge, absorb, absorb_digest, start_sponge
from registers import Done, Environment

// Proven here: the batch's constants of hashing, from the chain id and rollup it publishes.
func open_environment{poseidon2_ptr: Poseidon2*}(
    public_words: PublicWords*, staleness_ms: felt
) -> Environment* {
    alloc_locals;
    let user_start = start_sponge(DOMAIN_MESSAGE, MESSAGE_FELTS);
    let user_message = absorb(
        user_start,
        public_words.chain_id,
        public_words.rollup0,
        public_words.rollup1,
        public_words.rollup2,
    );
    let oracle_start = start_sponge(DOMAIN_ORACLE, ORACLE_MESSAGE_FELTS);
    let oracle_message = absorb(
        oracle_start,
        public_words.chain_id,
        public_words.rollup0,
        public_words.rollup1,
        public_words.rollup2,
    );
    let request = start_sponge(DOMAIN_REQUEST, REQUEST_WORDS);
    let log_link = start_sponge(DOMAIN_LOG, LOG_LINK_FELTS);
    tempvar no_message = new Digest(0, 0, 0, 0);
    tempvar env = new Environment(
        staleness_ms, user_message, oracle_message, request, log_link, no_message
    );
    return env;
}

// Proven here: the hash of a user's message: the last eight of its twelve felts are these six and
// two zeros.
func hash_user_message{poseidon2_ptr: Poseidon2*}(
    env: Environment*, head: felt, nonce: felt, valid_until_ms: felt, f0: felt, f1: felt, f2: felt
) -> Digest* {
    let sponge = absorb(env.user_message, head, nonce, valid_until_ms, f0);
    let sponge = absorb(sponge, f1, f2, 0, 0);
    return cast(sponge, Digest*);
}

// Proven here: the hash of an oracle's message.
func hash_oracle_message{poseidon2_ptr: Poseidon2*}(
    env: Environment*, head: felt, price_ticks: felt, timestamp_ms: felt, multiplier: felt
) -> Digest* {
    let sponge = absorb(env.oracle_message, head, price_ticks, timestamp_ms, multiplier);
    return cast(sponge, Digest*);
}

// Proven here: the hash of a request's twelve words.
func hash_request{poseidon2_ptr: Poseidon2*}(env: Environment*, words: Digest*) -> Digest* {
    let sponge = absorb_digest(env.request, words);
    let sponge = absorb_digest(sponge, words + Digest.SIZE);
    let sponge = absorb_digest(sponge, words + 2 * Digest.SIZE);
    return cast(sponge, Digest*);
}

// Proven here: the log chain after one more command.
func extend_log{poseidon2_ptr: Poseidon2*}(
    env: Environment*, done: Done*, chain: Digest*
) -> Digest* {
    let sponge = absorb_digest(env.log_link, done.message);
    let sponge = absorb(sponge, done.code, done.first, done.second, done.third);
    let sponge = absorb_digest(sponge, chain);
    return cast(sponge, Digest*);
}
