// What the program carries from command to command instead of reading it from the state each time.

from generated.leaves import ConfigLeaf
from generated.output import PublicWords
from lib.sponge import Sponge

// What goes on with the lists of positions and of due accounts (docs/spec/liquidation.md § 1, § 4), and
// what else an order seldom changes.
struct Lists {
    // The first due account, 0: none (in the `risk` leaf).
    due_first: felt,
    // Advice: where the insertions to come belong, one account each, the one before; 0 for the first place.
    places: felt*,
    // The next page of client ids (in the `schedule` leaf).
    next_names: felt,
}

// Heads of the free lists and the lowest slots never used (docs/spec/state.md § 2, § 7); and, behind a
// pointer that seldom changes, the lists that a fill may change.
struct Slots {
    order_free: felt,
    order_high: felt,
    level_free: felt,
    level_high: felt,
    lists: Lists*,
}

// What is due, the next sub-account (both in the `schedule` leaf), the markets whose trigger lists have to be
// looked through (in the `risk` leaf), and of conditional orders the free slots and the markets where one has
// to fire (in the `conditionals` leaf). Behind a pointer, since most commands leave them as they are.
struct Schedule {
    funding_due_ms: felt,
    next_sub_account: felt,
    pending: felt,
    crossed: felt,
    waiting_free: felt,
    waiting_high: felt,
}

// The felts of `clock`, `money`, `schedule` and `risk` that commands change, and where the next word of each
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

// The slots with other lists.
func with_lists(slots: Slots*, lists: Lists*) -> Slots* {
    tempvar changed = new Slots(
        order_free=slots.order_free,
        order_high=slots.order_high,
        level_free=slots.level_free,
        level_high=slots.level_high,
        lists=lists,
    );
    return changed;
}

// The slots with another next page of client ids.
func with_names(slots: Slots*, next_names: felt) -> Slots* {
    let lists = slots.lists;
    tempvar changed = new Lists(
        due_first=lists.due_first, places=lists.places, next_names=next_names
    );
    return with_lists(slots, changed);
}

// The schedule with other markets pending, and others where a conditional order has to fire.
func with_due(schedule: Schedule*, pending: felt, crossed: felt) -> Schedule* {
    tempvar changed = new Schedule(
        funding_due_ms=schedule.funding_due_ms,
        next_sub_account=schedule.next_sub_account,
        pending=pending,
        crossed=crossed,
        waiting_free=schedule.waiting_free,
        waiting_high=schedule.waiting_high,
    );
    return changed;
}

// The schedule with other free slots of conditional orders.
func with_waiting(schedule: Schedule*, free: felt, high: felt) -> Schedule* {
    tempvar changed = new Schedule(
        funding_due_ms=schedule.funding_due_ms,
        next_sub_account=schedule.next_sub_account,
        pending=schedule.pending,
        crossed=schedule.crossed,
        waiting_free=free,
        waiting_high=high,
    );
    return changed;
}

// Proven here: no list has to be looked through and nobody is due (4104), and no conditional order has to fire
// (4108). Each number is below 2^32, so their sum is 0 just when all are.
func assert_calm(registers: Registers*) {
    tempvar schedule = registers.schedule;
    assert schedule.pending + schedule.crossed + registers.slots.lists.due_first = 0;
    return ();
}

// Proven here: no list has to be looked through and nobody is due (4104).
func assert_liquidated(registers: Registers*) {
    assert registers.schedule.pending + registers.slots.lists.due_first = 0;
    return ();
}
