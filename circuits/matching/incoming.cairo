// An order that comes to the book: its shape, and the numbers that follow from its side.

from generated.constants import KEY_TAIL
from matching.options import Options

// An order as `place`, `amend`, `quote` or one that fires brings it. Ranges are proven by the transaction and by
// matching/enter.cairo; the last two fields are advice, checked in matching/resting.cairo.
struct Incoming {
    now_ms: felt,
    // A market is overdue whose last tick was before this.
    oldest_ms: felt,
    order_id: felt,
    account: felt,
    market: felt,
    // 0 buys, 1 sells.
    side: felt,
    // Its type (orders.md § 2): each 0 or 1, at most one of the last three.
    rests: felt,
    is_market: felt,
    is_post_only: felt,
    slides: felt,
    options: Options*,
    // 0: none.
    client_id: felt,
    // What its leaf says of all this if it rests (orders.md § 1).
    flags: felt,
    price_ticks: felt,
    lots: felt,
    expiry_ms: felt,
    // Whether what remains opens a level, and then the slot of the next better level; else its level.
    opens_level: felt,
    level_slot: felt,
}

// 1 for a buy, -1 for a sale.
func sign_of(side: felt) -> felt {
    return 1 - 2 * side;
}

// The least key is the best level: an ask's key is its price, a bid's is 2^32 - price. This is the map
// of the bids, and its own inverse; `mirrored` says whether to apply it.
func mirror_key(key: felt, mirrored: felt) -> felt {
    return key + mirrored * (KEY_TAIL - 2 * key);
}
