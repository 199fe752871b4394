// Two conditional orders that close one position, of which one firing takes the other away
// (docs/spec/conditional.md § 2, check 11).

from generated.codes import ORDER_TYPE_IOC, ORDER_TYPE_MARKET
from generated.constants import FORM_SIDE_SHIFT, RECORD_OPTIONS_SHIFT
from conditional.lists import assert_slot
from lib.builtins import Muldiv
from lib.integers import halve
from state.conditionals import read_terms, write_partner

// Proven here: the order in the slot that advice names waits and has this id (3005: it is compared, and is not
// 0 as a free leaf's), is the account's (3006), has no partner yet, stands in this list, which says market and
// direction, is of this side and reduce-only (1113).
// Guarantees: afterwards the order in `slot` is its partner.
// Assumes: order_id != 0, side is a bit, `slot` is that of another order.
func join_partner{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*}(
    partner_slot: felt, order_id: felt, account: felt, list: felt, side: felt, slot: felt
) {
    alloc_locals;
    assert_slot(partner_slot);
    let before = write_partner(partner_slot, slot);
    assert before.order_id = order_id;
    assert before.account = account;
    assert before.partner = 0;
    assert before.list = list;
    let terms = read_terms(partner_slot);
    // What is left is its type if the side is the same: 8 more or less is none.
    tempvar type = terms.form - FORM_SIDE_SHIFT * side;
    assert type * (type - ORDER_TYPE_IOC) * (type - ORDER_TYPE_MARKET) = 0;
    assert muldiv_ptr.a = terms.size;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = RECORD_OPTIONS_SHIFT;
    let options = muldiv_ptr.q;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    let (_, reduce_only) = halve(options);
    assert reduce_only = 1;
    return ();
}
