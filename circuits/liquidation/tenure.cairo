// Tenure: how often a position was closed or turned (docs/spec/conditional.md § 1). It tells a conditional order
// of the whole position whether that is still the one that it was placed for.

from lib.builtins import Muldiv
from lib.integers import is_nonnegative
from state.standing import raise_tenure

// Proven here: the position's tenure is one more if its size, not 0 before, is 0 now or of the other sign; else
// it is as it was. The prover has no say.
// Assumes: both sizes are within the position limit; account < 2^32, market < 32, each from a leaf.
// Guarantees: no other leaf changes.
func follow_tenure{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, market: felt, before: felt, after: felt
) {
    alloc_locals;
    if (before == 0) {
        return ();
    }
    if (after == 0) {
        return raise_tenure(account, market);
    }
    let was_long = is_nonnegative(before);
    local was_long = was_long;
    let is_long = is_nonnegative(after);
    if (is_long == was_long) {
        return ();
    }
    return raise_tenure(account, market);
}
