// set_leverage: a user chooses an initial margin fraction of its own in a market, above the market's.
//
// Proven here: 1. admission (admission.cairo). 2. the market is in range and exists (1001, 1101). 3. the
// fraction is 0, or not below the first tier's and at most 10^6 ppm (1110). 4. with a position there: no
// market of a position is overdue (4102), and the free collateral by the new fraction is not below 0
// (2002). 5. nothing is to be liquidated (4104), and no conditional order has to fire (4108).

from generated.codes import KIND_SET_LEVERAGE
from generated.constants import (
    HEAD_MARKET_SHIFT,
    IMF_PPM_MAX,
    MARKETS_MAX,
    NONCE_JUMP_MAX,
    RECORD_FRACTION_JUMP_SHIFT,
)
from generated.leaves import AccountLeaf
from admission import Signed, admit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_at_least, assert_in_range
from margin.sums import sum_positions
from registers import Environment, Registers, assert_calm
from state.accounts import read_account, write_leverage
from state.markets import read_margin, read_market

struct SetLeverageAdvice {
    signed: Signed,
    market: felt,
    imf_ppm: felt,
}

func l2_set_leverage{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: SetLeverageAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let signed = &advice.signed;
    let words = registers.commands;
    assert_calm(registers);
    local market = advice.market;
    local imf_ppm = advice.imf_ppm;
    let (local now_ms, _) = admit(
        &env.user_message,
        registers.time_ms,
        words,
        signed,
        NONCE_JUMP_MAX,
        KIND_SET_LEVERAGE + market * HEAD_MARKET_SHIFT,
        imf_ppm,
        0,
        0,
        0,
        0,
        0,
    );
    assert words[1] = imf_ppm + RECORD_FRACTION_JUMP_SHIFT * signed.nonce_step;
    assert_in_range(market, MARKETS_MAX - 1);
    let leaf = read_market(market);
    assert leaf.status = 1;
    assert_fraction(market, imf_ppm);

    // Written first, so that the sums are those with the new fraction.
    let size = write_leverage(signed.account, market, imf_ppm);
    assert_margin(signed.account, size, now_ms - env.config.tick_max_ms);

    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=registers.slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + 2,
    );
    return (
        code=0, first=market, second=imf_ppm, third=0, next_advice=advice + SetLeverageAdvice.SIZE
    );
}

// Proven here: statement 3.
func assert_fraction{range_check_ptr, state_ptr: felt*}(market: felt, imf_ppm: felt) {
    if (imf_ppm == 0) {
        return ();
    }
    let first = read_margin(market, 0);
    assert_in_range(imf_ppm - first.imf_ppm, IMF_PPM_MAX - first.imf_ppm);
    return ();
}

// Proven here: statement 4, of the state as it is.
func assert_margin{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, size: felt, oldest_ms: felt
) {
    alloc_locals;
    if (size == 0) {
        return ();
    }
    let leaf = read_account(account);
    local leaf: AccountLeaf* = leaf;
    let initial = sum_positions(account, leaf.positions, 0, oldest_ms, 0);
    assert_at_least(leaf.collateral + initial, 0);
    return ();
}
