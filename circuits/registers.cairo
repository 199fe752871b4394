// What the program carries from command to command instead of reading it from the state each time.

from lib.sponge import Sponge

// Heads of the free lists and the lowest slots never used (docs/spec/state.md § 2, § 7).
struct Slots {
    order_free: felt,
    order_high: felt,
    level_free: felt,
    level_high: felt,
}

// The felts of `clock` and `money` that commands change, and where the next word of each section of
// the batch data goes. Counts of requests and withdrawals follow from the sections' lengths.
// Ranges are those of docs/spec/state.md § 2: they hold in the old state and every command keeps them.
struct Registers {
    time_ms: felt,
    next_order_id: felt,
    slots: Slots*,
    custody: felt,
    fees: felt,
    requests: felt*,
    withdrawals: felt*,
    commands: felt*,
}

// Constants of the batch.
struct Environment {
    // Greatest age of a fresh price.
    staleness_ms: felt,
    // The sponge of a user's message, and of an oracle's, after chain id and rollup.
    user_message: Sponge,
    oracle_message: Sponge,
}
