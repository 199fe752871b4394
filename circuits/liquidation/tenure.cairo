// Tenure: how often a position was closed or turned (docs/spec/conditional.md § 1). It tells a conditional order
// of the whole position whether that is still the one that it was placed for.

from lib.builtins import Muldiv
from lib.integers import is_nonnegative
from state.standing import find_standing, write_standing

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
        raise_tenure(account, market);
        return ();
    }
    let was_long = is_nonnegative(before);
    local was_long = was_long;
    let is_long = is_nonnegative(after);
    if (is_long == was_long) {
        return ();
    }
    raise_tenure(account, market);
    return ();
}

// Guarantees: the position's tenure is one more.
func raise_tenure{state_ptr: felt*}(account: felt, market: felt) {
    let before = find_standing(account, market);
    write_standing(before.stamp, before.tenure + 1, before.waiting);
    return ();
}
