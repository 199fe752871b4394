// Hashes of what users, oracles and L1 say, and the chain that binds them to their outcomes
// (docs/spec/commands.md § 2, § 8, § 9).
//
// A link of the log chain is three blocks: the message's hash, the outcome, the chain before. Who
// hashes a message absorbs the first block at once: the instance before poseidon2_ptr is then the
// command's own link, and execute_batch.cairo goes on from it when the outcome is known. A user's
// message is hashed in admission.cairo.

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
from registers import Environment

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
    local user_message: Sponge* = user_message;
    let oracle_start = start_sponge(DOMAIN_ORACLE, ORACLE_MESSAGE_FELTS);
    let oracle_message = absorb(
        oracle_start,
        public_words.chain_id,
        public_words.rollup0,
        public_words.rollup1,
        public_words.rollup2,
    );
    tempvar env = new Environment(
        staleness_ms=staleness_ms, user_message=[user_message], oracle_message=[oracle_message]
    );
    return env;
}

// Guarantees: the first block of a link, the message's hash, is absorbed.
func start_link{poseidon2_ptr: Poseidon2*}(message: Digest*) {
    let start = start_sponge(DOMAIN_LOG, LOG_LINK_FELTS);
    absorb_digest(start, message);
    return ();
}

// Proven here: the hash of an oracle's message; the command's link begins with it.
func hash_oracle_message{poseidon2_ptr: Poseidon2*}(
    env: Environment*, head: felt, price_ticks: felt, timestamp_ms: felt, multiplier: felt
) -> Digest* {
    alloc_locals;
    let sponge = absorb(&env.oracle_message, head, price_ticks, timestamp_ms, multiplier);
    local message: Digest* = cast(sponge, Digest*);
    start_link(message);
    return message;
}

// Guarantees: the command's link begins with the hash of the request's twelve words.
func hash_request{poseidon2_ptr: Poseidon2*}(words: Digest*) {
    let start = start_sponge(DOMAIN_REQUEST, REQUEST_WORDS);
    let sponge = absorb_digest(start, words);
    let sponge = absorb_digest(sponge, words + Digest.SIZE);
    let sponge = absorb_digest(sponge, words + 2 * Digest.SIZE);
    return start_link(cast(sponge, Digest*));
}

// Guarantees: the command's link begins with four zeros, the message hash of `time`.
func hash_nothing{poseidon2_ptr: Poseidon2*}() {
    tempvar no_message = new Digest(0, 0, 0, 0);
    return start_link(no_message);
}
