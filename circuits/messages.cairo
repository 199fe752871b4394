// Hashes of what users and L1 say, and the chain that binds them to their outcomes
// (docs/spec/commands.md § 2, § 8, § 9).
//
// A link of the log chain is three blocks: the message's hash, the outcome, the chain before. Who
// hashes a message absorbs the first block at once: the instance before poseidon2_ptr is then the
// command's own link, and execute_batch.cairo goes on from it when the outcome is known. A user's
// message is hashed in admission.cairo, an oracle's in prices/reports.cairo.

from generated.constants import (
    DOMAIN_LOG,
    DOMAIN_MESSAGE,
    DOMAIN_REQUEST,
    LOG_LINK_FELTS,
    MESSAGE_FELTS,
    REQUEST_WORDS,
)
from generated.leaves import ConfigLeaf
from generated.output import PublicWords
from lib.builtins import Poseidon2
from lib.sponge import Digest, Sponge, absorb, absorb_digest, start_sponge
from registers import Environment

// Proven here: the batch's constant of hashing, from the chain id and rollup it publishes.
func open_environment{poseidon2_ptr: Poseidon2*}(
    public_words: PublicWords*, config: ConfigLeaf*
) -> Environment* {
    let user_message = start_message(DOMAIN_MESSAGE, MESSAGE_FELTS, public_words);
    tempvar env = new Environment(
        config=config, public_words=public_words, user_message=[user_message]
    );
    return env;
}

// Proven here: the sponge of a message of this domain and length, after chain id and rollup.
func start_message{poseidon2_ptr: Poseidon2*}(
    domain: felt, length: felt, public_words: PublicWords*
) -> Sponge* {
    let start = start_sponge(domain, length);
    return absorb(
        start,
        public_words.chain_id,
        public_words.rollup0,
        public_words.rollup1,
        public_words.rollup2,
    );
}

// Guarantees: the first block of a link, the message's hash, is absorbed.
func start_link{poseidon2_ptr: Poseidon2*}(message: Digest*) {
    let start = start_sponge(DOMAIN_LOG, LOG_LINK_FELTS);
    absorb_digest(start, message);
    return ();
}

// Guarantees: the command's link begins with the hash of the request's twelve words.
func hash_request{poseidon2_ptr: Poseidon2*}(words: Digest*) {
    let start = start_sponge(DOMAIN_REQUEST, REQUEST_WORDS);
    let sponge = absorb_digest(start, words);
    let sponge = absorb_digest(sponge, words + Digest.SIZE);
    let sponge = absorb_digest(sponge, words + 2 * Digest.SIZE);
    return start_link(cast(sponge, Digest*));
}

// Guarantees: the command's link begins with four zeros, the message hash of the sequencer's commands.
func hash_nothing{poseidon2_ptr: Poseidon2*}() {
    tempvar no_message = new Digest(0, 0, 0, 0);
    return start_link(no_message);
}
