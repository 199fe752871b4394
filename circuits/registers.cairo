// What the program carries from command to command instead of reading it from the state each time.

from generated.leaves import ConfigLeaf
from generated.output import PublicWords
from lib.sponge import Sponge

// Heads of the free lists and the lowest slots never used (docs/spec/state.md § 2, § 7).
struct Slots {
    order_free: felt,
    order_high: felt,
    level_free: felt,
    level_high: felt,
}

// What is due, and the next sub-account (the `schedule` leaf). Behind a pointer, since most commands
// leave both as they are.
struct Schedule {
    funding_due_ms: felt,
    next_sub_account: felt,
}

// The felts of `clock`, `money` and `schedule` that commands change, and where the next word of each
// section of the batch data goes. Counts of requests and withdrawals follow from the sections' lengths.
// Ranges are those of docs/spec/state.md § 2: they hold in the old state and every command keeps them,
// or the batch's end proves them.
struct Registers {
    time_ms: felt,
    next_order_id: felt,
    slots: Slots*,
    custody: felt,
    fees: felt,
    schedule: Schedule*,
    requests: felt*,
    withdrawals: felt*,
    commands: felt*,
}

// Constants of the batch.
struct Environment {
    // Parameters of the venue.
    config: ConfigLeaf*,
    // Chain id and rollup, among the words that the batch publishes.
    public_words: PublicWords*,
    // The sponge of a user's message after chain id and rollup.
    user_message: Sponge,
}
