// An order meets the book, best level and oldest order first (docs/spec/matching.md § 1).

from generated.constants import KEY_TAIL, MATCH_STEPS_MAX
from generated.leaves import LevelLeaf, OrderLeaf
from lib.builtins import Muldiv
from lib.fractions import multiply_floor
from lib.integers import is_nonnegative, minimum
from matching.fill import FILLED, MAKER_FAILED, Progress, Taking, try_fill
from matching.removal import remove_order
from registers import Slots
from state.accounts import count_order
from state.levels import read_level
from state.orders import read_order

// Proven here: the whole loop from `best` on, of which no turn leaves the prover a choice: each level is
// the one that the list names as the best, each maker the oldest of it, each end the one that the rules
// name. A post-only order that meets a living maker has no proof (3004).
// Guarantees: the taker's progress, and whether it was stopped by a check or by the bound on makers.
// Assumes: `best` is the level that the other side's head names, now.
func match_order{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    taking: Taking*, best: felt, met: felt, progress: Progress*
) -> (progress: Progress*, is_stopped: felt) {
    alloc_locals;
    if (progress.remaining == 0) {
        return (progress=progress, is_stopped=0);
    }
    let level = read_level(best);
    local level: LevelLeaf* = level;
    let cap = crossing_lots(taking, level.key, progress.credit);
    if (cap == 0) {
        return (progress=progress, is_stopped=0);
    }
    return meet_level(taking, best, level, cap, met, progress);
}

// Proven here: as `match_order`, where something remains and the leaf of `best` and the most that may
// fill there, not 0, are known.
func meet_level{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    taking: Taking*, best: felt, level: LevelLeaf*, cap: felt, met: felt, progress: Progress*
) -> (progress: Progress*, is_stopped: felt) {
    alloc_locals;
    if (met == MATCH_STEPS_MAX) {
        return (progress=progress, is_stopped=1);
    }

    local slot = level.first;
    let maker = read_order(slot);
    local maker: OrderLeaf* = maker;
    let is_expired = is_nonnegative(taking.order.now_ms - maker.expiry_ms);
    if (is_expired != 0) {
        return drop_maker(taking, best, met, progress, slot, maker);
    }
    assert taking.order.is_post_only = 0;
    if (maker.account == taking.order.account) {
        return drop_maker(taking, best, met, progress, slot, maker);
    }

    let lots = minimum(progress.remaining, maker.lots);
    let lots = minimum(lots, cap);
    let (local end, local level_is_gone, local after) = try_fill(
        taking, progress, level.key, slot, maker, lots
    );
    if (end == FILLED) {
        let next_best = following(best, level, level_is_gone);
        return match_order(taking, next_best, met + 1, after);
    }
    if (end == MAKER_FAILED) {
        return drop_maker(taking, best, met, progress, slot, maker);
    }
    return (progress=progress, is_stopped=1);
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

// The best level after its oldest order went: itself, or the next one if it is gone.
func following(best: felt, level: LevelLeaf*, level_is_gone: felt) -> felt {
    if (level_is_gone == 0) {
        return best;
    }
    return level.next;
}

// Guarantees: the maker is removed, and the loop goes on.
func drop_maker{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    taking: Taking*, best: felt, met: felt, progress: Progress*, slot: felt, maker: OrderLeaf*
) -> (progress: Progress*, is_stopped: felt) {
    alloc_locals;
    let (_, local level, local is_gone) = remove_order(slot);
    count_order(maker.account, taking.order.market, -1);
    let next_best = following(best, level, is_gone);
    return match_order(taking, next_best, met + 1, progress);
}
