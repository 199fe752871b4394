// An order meets the book, best level and oldest order first (docs/spec/matching.md § 1).

from generated.constants import KEY_TAIL, MATCH_STEPS_MAX
from generated.leaves import AccountLeaf, LevelLeaf, OrderLeaf, PositionLeaf
from lib.builtins import Muldiv
from lib.fractions import multiply_floor
from lib.integers import is_nonnegative, minimum
from matching.dead import fillable_lots, is_dead
from matching.fill import FILLED, MAKER_FAILED, Progress, Taking, try_fill
from matching.incoming import mirror_key
from matching.own import is_own, meet_own
from matching.removal import drop_order
from registers import Slots
from state.accounts import read_account, read_position
from state.levels import read_level
from state.orders import read_order

// How the loop ends.
struct Ending {
    progress: Progress*,
    // Whether a check, a self-trade or the bound on makers stopped the taker.
    is_stopped: felt,
    // Makers met, with those before this order.
    met: felt,
    // At which price what remains rests, if it does.
    price: felt,
}

// Proven here: the whole loop from `best` on, of which no turn leaves the prover a choice: each level is
// the one that the list names as the best, each maker the oldest of it, each end the one that the rules
// name. A post-only order that meets a living maker has no proof, nor has a sliding one that finds no price
// (3004).
// Assumes: `best` is the level that the other side's head names, now; the taker reduces if it only may.
func match_order{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    taking: Taking*, best: felt, met: felt, progress: Progress*
) -> Ending {
    alloc_locals;
    local price = taking.order.price_ticks;
    if (progress.remaining == 0) {
        return (Ending(progress=progress, is_stopped=0, met=met, price=price));
    }
    // A reduce-only order begins with a position to reduce, and never fills more lots than that has: it would
    // not reduce any more just when there is none left.
    if (progress.size == 0) {
        if (taking.order.options.reduce_only != 0) {
            return (Ending(progress=progress, is_stopped=1, met=met, price=price));
        }
    }
    let level = read_level(best);
    local level: LevelLeaf* = level;
    let cap = crossing_lots(taking, level.key, progress.credit);
    if (cap == 0) {
        return (Ending(progress=progress, is_stopped=0, met=met, price=price));
    }
    return meet_level(taking, best, level, cap, met, progress);
}

// Proven here: as `match_order`, where something remains and may fill, and the leaf of `best` and the most
// that may fill there, not 0, are known.
func meet_level{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    taking: Taking*, best: felt, level: LevelLeaf*, cap: felt, met: felt, progress: Progress*
) -> Ending {
    alloc_locals;
    local order_price = taking.order.price_ticks;
    if (met == MATCH_STEPS_MAX) {
        return (Ending(progress=progress, is_stopped=1, met=met, price=order_price));
    }

    local slot = level.first;
    let maker = read_order(slot);
    local maker: OrderLeaf* = maker;
    let account = read_account(maker.account);
    local account: AccountLeaf* = account;
    let position = read_position(maker.account, taking.order.market);
    local position: PositionLeaf* = position;
    let is_gone = is_dead(
        maker.order_id, maker.expiry_ms, account, position.orders, taking.order.now_ms
    );
    if (is_gone != 0) {
        return drop_maker(taking, best, level, met, progress, slot, maker);
    }
    let most = fillable_lots(maker, taking.sign, position.size);
    local most = most;
    if (most == 0) {
        return drop_maker(taking, best, level, met, progress, slot, maker);
    }

    assert taking.order.is_post_only = 0;
    if (taking.order.slides != 0) {
        let price = slid_price(taking, level.key);
        return (Ending(progress=progress, is_stopped=0, met=met + 1, price=price));
    }
    let own = is_own(taking, maker, account);
    if (own != 0) {
        let (is_stopped, level_is_gone, after) = meet_own(taking, progress, slot, maker, cap);
        if (is_stopped != 0) {
            return (Ending(progress=after, is_stopped=1, met=met + 1, price=order_price));
        }
        let next_best = following(best, level, level_is_gone);
        return match_order(taking, next_best, met + 1, after);
    }

    let lots = minimum(progress.remaining, most);
    let lots = minimum(lots, cap);
    let lots = reducing_lots(taking, progress.size, lots);
    let (local end, local level_is_gone, local after) = try_fill(
        taking, progress, level.key, slot, maker, account, position, lots
    );
    if (end == FILLED) {
        let next_best = following(best, level, level_is_gone);
        return match_order(taking, next_best, met + 1, after);
    }
    if (end == MAKER_FAILED) {
        return drop_maker(taking, best, level, met, progress, slot, maker);
    }
    return (Ending(progress=progress, is_stopped=1, met=met + 1, price=order_price));
}

// Proven here: the most that may fill at a level with this key: lots_max where the limit crosses it;
// beyond the limit, for a market order, what the credit pays for; else, and at the tail, 0.
// Assumes: 0 <= credit <= 2^52.
func crossing_lots{muldiv_ptr: Muldiv*}(taking: Taking*, level_key: felt, credit: felt) -> felt {
    if (level_key == KEY_TAIL) {
        return 0;
    }
    let crosses = is_nonnegative(taking.limit_key - level_key);
    if (crosses != 0) {
        return taking.market.lots_max;
    }
    if (taking.order.is_market == 0) {
        return 0;
    }
    return multiply_floor(credit, 1, level_key - taking.limit_key);
}

// Proven here: `lots`, of a reduce-only order no more than its position has.
// Assumes: that position has `size`, not 0, on the other side.
func reducing_lots{muldiv_ptr: Muldiv*}(taking: Taking*, size: felt, lots: felt) -> felt {
    if (taking.order.options.reduce_only == 0) {
        return lots;
    }
    return minimum(lots, -taking.sign * size);
}

// Proven here: the price one tick worse than the level's, which is 1 .. price_max; else there is no proof
// (3004): of 0 .. price_max + 1, where it lies, neither end makes the product invertible.
// Assumes: the level is one of the other side, not its tail.
func slid_price(taking: Taking*, level_key: felt) -> felt {
    alloc_locals;
    let level_price = mirror_key(level_key, taking.order.side);
    local price = level_price - taking.sign;
    tempvar inverse = 1 / (price * (taking.market.price_max + 1 - price));
    return price;
}

// The best level after its oldest order went: itself, or the next one if it is gone.
func following(best: felt, level: LevelLeaf*, level_is_gone: felt) -> felt {
    if (level_is_gone == 0) {
        return best;
    }
    return level.next;
}

// Guarantees: the maker is removed, and the loop goes on.
func drop_maker{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    taking: Taking*,
    best: felt,
    level: LevelLeaf*,
    met: felt,
    progress: Progress*,
    slot: felt,
    maker: OrderLeaf*,
) -> Ending {
    alloc_locals;
    let is_gone = drop_order(slot, maker, taking.order.market);
    let next_best = following(best, level, is_gone);
    return match_order(taking, next_best, met + 1, progress);
}
