// What an order may ask for beside its type (docs/spec/orders.md § 1), in a command and in the book.

from generated.constants import (
    FLAGS_CLIENT_ID_SHIFT,
    FLAG_POST_ONLY,
    FLAG_REDUCE_ONLY,
    FLAG_SLIDE,
    OPTION_NAMED,
    OPTION_STP,
    OPTION_STP_OWNER,
)
from lib.builtins import Muldiv
from lib.integers import halve

// Options that a taker has, and keeps where it rests.
struct Options {
    // 0 or 1.
    reduce_only: felt,
    // What happens where it meets one of its own: 0 to 3 (codes SELF_TRADE_...).
    self_trade: felt,
    // 1: its own are those of its master's accounts, 0: of its account.
    by_owner: felt,
}

// What the flags of a resting order say.
struct Flags {
    post_only: felt,
    slides: felt,
    options: Options*,
    client_id: felt,
}

// Flags of a resting order are FLAG_POST_ONLY, FLAG_SLIDE, the options at this factor, and its client id.
const FLAGS_OPTIONS_SHIFT = FLAG_REDUCE_ONLY;

// Proven here: what `options` says, and whether a client id follows (`named`).
// Guarantees: options < 2^5 (1001), `unnamed` is what it is without `named`.
func split_options{muldiv_ptr: Muldiv*}(options: felt) -> (
    options: Options*, named: felt, unnamed: felt
) {
    alloc_locals;
    if (options == 0) {
        tempvar plain = new Options(reduce_only=0, self_trade=0, by_owner=0);
        return (options=plain, named=0, unnamed=0);
    }
    tempvar one = 1;
    tempvar zero = 0;
    let naming = muldiv_ptr;
    assert naming.a = options;
    assert naming.b = one;
    assert naming.e = zero;
    assert naming.c = OPTION_NAMED;
    local named = naming.q;
    assert named = named * named;
    local unnamed = naming.r;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    let known = read_options(unnamed);
    return (options=known, named=named, unnamed=unnamed);
}

// Proven here: what options without `named` say.
// Assumes: unnamed < 2^4.
func read_options{muldiv_ptr: Muldiv*}(unnamed: felt) -> Options* {
    if (unnamed == 0) {
        tempvar plain = new Options(reduce_only=0, self_trade=0, by_owner=0);
        return plain;
    }
    tempvar one = 1;
    tempvar zero = 0;
    assert muldiv_ptr.a = unnamed;
    assert muldiv_ptr.b = one;
    assert muldiv_ptr.e = zero;
    assert muldiv_ptr.c = OPTION_STP_OWNER;
    let modes = muldiv_ptr + Muldiv.SIZE;
    assert modes.a = muldiv_ptr.r;
    assert modes.b = one;
    assert modes.e = zero;
    assert modes.c = OPTION_STP;
    tempvar options = new Options(
        reduce_only=modes.r, self_trade=modes.q, by_owner=muldiv_ptr.q
    );
    let muldiv_ptr = modes + Muldiv.SIZE;
    return options;
}

// Proven here: what the flags of a resting order say.
// Assumes: they are a live order's.
func split_flags{muldiv_ptr: Muldiv*}(flags: felt) -> Flags* {
    alloc_locals;
    if (flags == 0) {
        tempvar options = new Options(reduce_only=0, self_trade=0, by_owner=0);
        tempvar plain = new Flags(post_only=0, slides=0, options=options, client_id=0);
        return plain;
    }
    tempvar one = 1;
    tempvar zero = 0;
    let naming = muldiv_ptr;
    assert naming.a = flags;
    assert naming.b = one;
    assert naming.e = zero;
    assert naming.c = FLAGS_CLIENT_ID_SHIFT;
    local client_id = naming.q;
    let parting = muldiv_ptr + Muldiv.SIZE;
    assert parting.a = naming.r;
    assert parting.b = one;
    assert parting.e = zero;
    assert parting.c = FLAGS_OPTIONS_SHIFT;
    local unnamed = parting.q;
    local manner = parting.r;
    let muldiv_ptr = parting + Muldiv.SIZE;
    let (local slides, post_only) = halve(manner);
    local post_only = post_only;
    let options = read_options(unnamed);
    tempvar known = new Flags(
        post_only=post_only, slides=slides, options=options, client_id=client_id
    );
    return known;
}

// Proven here: 1 if the order with these flags is reduce-only, else 0. The three lowest bits are 0, 1 or 3
// without that one: who slides is post-only.
// Assumes: they are a live order's.
func is_reduce_only{muldiv_ptr: Muldiv*}(flags: felt) -> felt {
    if (flags == 0) {
        return 0;
    }
    assert muldiv_ptr.a = flags;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = 2 * FLAG_REDUCE_ONLY;
    tempvar low = muldiv_ptr.r;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    if (low * (low - FLAG_POST_ONLY) * (low - FLAG_POST_ONLY - FLAG_SLIDE) == 0) {
        return 0;
    }
    return 1;
}
