// Self-trade prevention: an order meets one of its own (docs/spec/matching.md § 1 c).

from generated.codes import (
    SELF_TRADE_CANCEL_BOTH,
    SELF_TRADE_CANCEL_TAKER,
    SELF_TRADE_DECREMENT,
)
from generated.leaves import AccountLeaf, OrderLeaf
from lib.builtins import Muldiv
from lib.integers import minimum
from matching.fill import Progress, Taking
from matching.removal import drop_order
from registers import Slots
from state.accounts import master_of
from state.orders import write_order_lots

// Proven here: 1 if the maker is the taker's own, by account or, if it asks for that, by master; else 0.
// Assumes: `leaf` is the maker's account's.
func is_own(taking: Taking*, maker: OrderLeaf*, leaf: AccountLeaf*) -> felt {
    if (maker.account == taking.order.account) {
        return 1;
    }
    if (taking.order.options.by_owner == 0) {
        return 0;
    }
    let master = master_of(maker.account, leaf);
    if (master == taking.master) {
        return 1;
    }
    return 0;
}

// Proven here: what becomes of meeting an own living maker: it goes, or the taker stops, or both, or both
// lose the smaller size, as the taker's options say. Whether the taker stops, whether the maker's level is
// gone, and the taker's progress.
// Assumes: cap >= 1 and something remains; `maker` is the order in `slot`.
func meet_own{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    taking: Taking*, progress: Progress*, slot: felt, maker: OrderLeaf*, cap: felt
) -> (is_stopped: felt, level_is_gone: felt, progress: Progress*) {
    alloc_locals;
    local self_trade = taking.order.options.self_trade;
    if (self_trade == SELF_TRADE_CANCEL_TAKER) {
        return (is_stopped=1, level_is_gone=0, progress=progress);
    }
    if (self_trade == SELF_TRADE_DECREMENT) {
        let lots = minimum(progress.remaining, maker.lots);
        let lots = minimum(lots, cap);
        local lots = lots;
        let after = decremented(progress, lots);
        local after: Progress* = after;
        if (maker.lots == lots) {
            let is_gone = drop_order(slot, maker, taking.order.market);
            return (is_stopped=0, level_is_gone=is_gone, progress=after);
        }
        write_order_lots(slot, maker.lots - lots);
        return (is_stopped=0, level_is_gone=0, progress=after);
    }
    let is_gone = drop_order(slot, maker, taking.order.market);
    // Modes 0 and 2 are left.
    return (
        is_stopped=self_trade / SELF_TRADE_CANCEL_BOTH, level_is_gone=is_gone, progress=progress
    );
}

// The progress with `lots` fewer to go, which are not filled.
func decremented(progress: Progress*, lots: felt) -> Progress* {
    tempvar after = new Progress(
        remaining=progress.remaining - lots,
        withdrawn=progress.withdrawn + lots,
        credit=progress.credit,
        collateral=progress.collateral,
        use=progress.use,
        size=progress.size,
        owed=progress.owed,
        fees=progress.fees,
        clearing=progress.clearing,
        open_interest=progress.open_interest,
    );
    return after;
}
