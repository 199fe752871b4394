// The dead man's switch: an account whose deadline has passed loses its orders (docs/spec/orders.md § 3).

from generated.leaves import AccountLeaf
from lib.builtins import Muldiv
from lib.integers import is_nonnegative
from state.accounts import write_cleared

// Proven here: whether the deadline has passed, of which the prover has no say.
// Guarantees: if 0 < deadline_ms <= now, all orders of the account are dead and it has no deadline any more;
// the account's leaf now.
// Assumes: `leaf` is the account's leaf now; now_ms and deadline_ms are below 2^60; next_order_id < 2^48 (the
// batch's end proves it: order ids only grow).
func fire{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, leaf: AccountLeaf*, now_ms: felt, next_order_id: felt
) -> AccountLeaf* {
    if (leaf.deadline_ms == 0) {
        return leaf;
    }
    let has_passed = is_nonnegative(now_ms - leaf.deadline_ms);
    if (has_passed == 0) {
        return leaf;
    }
    let cleared = write_cleared(account, next_order_id, 0);
    return cleared;
}
