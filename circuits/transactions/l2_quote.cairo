// quote: a user replaces many orders of its own in a market, by the ids that it chose, all or nothing.
//
// Proven here: 1. 1 to 31 entries, whose words stand in the record and in what the user signed (1001,
// admission.cairo). 2. market and type are in range, post_only or slide (1001). 3. a deadline that has passed
// is fired first. 4. the market exists (1101). 5. expiry is after now and below 2^44 (1104, 1001). 6. of
// every entry in its order what matching/quotes.cairo proves. 7. nothing is to be liquidated (4104), and no
// conditional order has to fire (4108).
// Not proven here: order ids are not used up (3003); the batch's end proves next_order_id < 2^48.

from generated.codes import KIND_QUOTE, KIND_QUOTE_WORDS, ORDER_TYPE_POST_ONLY, ORDER_TYPE_SLIDE
from generated.constants import (
    DOMAIN_QUOTE,
    HEAD_MARKET_SHIFT,
    HEAD_TYPE_SHIFT,
    MARKETS_MAX,
    MESSAGE_FELTS,
    NONCE_JUMP_MAX,
    QUOTES_MAX,
    QUOTE_ENTRY_WORDS,
    RECORD_QUOTES_JUMP_SHIFT,
    RECORD_QUOTES_SHIFT,
    TIME_MAX,
)
from admission import Signed, admit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.fractions import multiply_floor
from lib.integers import assert_at_least, assert_in_range
from matching.quotes import QuoteEntry, Quoted, Quoting, enter_entries, write_entries
from messages import start_message
from registers import Environment, Registers, assert_calm
from state.accounts import read_account
from state.deadline import fire
from state.markets import read_market

struct QuoteAdvice {
    signed: Signed,
    market: felt,
    order_type: felt,
    expiry_ms: felt,
    // How many entries follow.
    count: felt,
}

func l2_quote{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: QuoteAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let signed = &advice.signed;
    local words: felt* = registers.commands;
    assert_calm(registers);
    local count = advice.count;
    local entries: QuoteEntry* = cast(advice + QuoteAdvice.SIZE, QuoteEntry*);
    let now_ms = admit_quote(env, registers.time_ms, words, advice, entries);
    local now_ms = now_ms;

    local market = advice.market;
    assert_in_range(market, MARKETS_MAX - 1);
    // Types 2 post_only and 5 slide.
    tempvar slides = (advice.order_type - ORDER_TYPE_POST_ONLY) / (
        ORDER_TYPE_SLIDE - ORDER_TYPE_POST_ONLY
    );
    assert slides = slides * slides;
    local quoting: Quoting* = new Quoting(
        now_ms=now_ms,
        oldest_ms=now_ms - env.config.tick_max_ms,
        account=signed.account,
        market=market,
        slides=slides,
        expiry_ms=advice.expiry_ms,
    );
    let leaf = read_account(signed.account);
    let leaf = fire(signed.account, leaf, now_ms, registers.next_order_id);
    local names = leaf.names;
    assert_at_least(advice.expiry_ms - 1, now_ms);
    // Every order looks again; but it may be that none is entered.
    let market_leaf = read_market(market);
    assert market_leaf.status = 1;

    tempvar start = new Quoted(
        order_id=registers.next_order_id, met=0, resting=0, fees=registers.fees
    );
    let slots = registers.slots;
    let quoted = enter_entries{slots=slots}(quoting, entries, count, names, start);

    local first_id = registers.next_order_id;
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=quoted.order_id,
        slots=slots,
        custody=registers.custody,
        fees=quoted.fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + KIND_QUOTE_WORDS + QUOTE_ENTRY_WORDS * count,
    );
    return (
        code=0,
        first=first_id,
        second=quoted.order_id - first_id,
        third=quoted.resting,
        next_advice=cast(entries + QuoteEntry.SIZE * count, felt*),
    );
}

// Proven here: statement 1, expiry below 2^44 (1001), and the record.
// Guarantees: the time.
func admit_quote{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
}(
    env: Environment*, time_ms: felt, words: felt*, advice: QuoteAdvice*, entries: QuoteEntry*
) -> felt {
    alloc_locals;
    let signed = &advice.signed;
    local count = advice.count;
    local expiry_ms = advice.expiry_ms;
    assert_in_range(count - 1, QUOTES_MAX - 1);
    assert_in_range(expiry_ms, TIME_MAX);
    assert words[1] = expiry_ms + RECORD_QUOTES_SHIFT * count + RECORD_QUOTES_JUMP_SHIFT *
        signed.nonce_step;
    write_entries(words + KIND_QUOTE_WORDS, entries, count);

    // Felts are padded to a multiple of four.
    let blocks = multiply_floor(QUOTE_ENTRY_WORDS * count + 3, 1, 4);
    let start = start_message(DOMAIN_QUOTE, MESSAGE_FELTS + 4 * blocks, env.public_words);
    let (now_ms, _) = admit(
        start,
        time_ms,
        words,
        signed,
        NONCE_JUMP_MAX,
        KIND_QUOTE + advice.market * HEAD_MARKET_SHIFT + advice.order_type * HEAD_TYPE_SHIFT,
        expiry_ms,
        count,
        0,
        0,
        0,
        count,
    );
    return now_ms;
}
