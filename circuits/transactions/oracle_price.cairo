// oracle_price: a registered key says what a market's price was.
//
// Proven here: 1. key and market are in range (1001). 2. the key is live (4201). 3. it signed market,
// price, timestamp and the market's scale (1006). 4. the market exists (1101). 5. the timestamp is not
// after program time and not older than staleness_ms (4202, 4203). 6. it is later than that of the
// market's mark (4204). 7. 1 <= price <= price_max (1102).
// Not proven here: that the price is true.

from generated.codes import KIND_ORACLE_PRICE
from generated.constants import (
    HEAD_KEY_SHIFT,
    HEAD_MARKET_SHIFT,
    MARKETS_MAX,
    ORACLE_KEYS_MAX,
    RECORD_DELTA_SHIFT,
    RECORD_LAG_SHIFT,
)
from generated.leaves import MarketLeaf, OracleKeyLeaf
from admission import advance_time
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_at_least, assert_in_range
from lib.signature_builtin import PublicKey, verify_signature
from messages import hash_oracle_message
from registers import Environment, Registers
from state.markets import write_mark
from state.system import read_oracle_key

struct OraclePriceAdvice {
    kind: felt,
    delta_ms: felt,
    key: felt,
    market: felt,
    price_ticks: felt,
    lag_ms: felt,
}

func oracle_price{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: OraclePriceAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let now_ms = advance_time(registers.time_ms, advice.delta_ms);
    local now_ms = now_ms;
    assert_in_range(advice.key, ORACLE_KEYS_MAX - 1);
    assert_in_range(advice.market, MARKETS_MAX - 1);
    assert_in_range(advice.lag_ms, env.staleness_ms);
    local timestamp_ms = now_ms - advice.lag_ms;

    let oracle = read_oracle_key(advice.key);
    local oracle: OracleKeyLeaf* = oracle;
    assert oracle.live = 1;
    let market = write_mark(advice.market, advice.price_ticks, timestamp_ms);
    local market: MarketLeaf* = market;
    assert_at_least(market.multiplier, 1);
    assert_at_least(timestamp_ms, market.mark_time_ms + 1);
    assert_in_range(advice.price_ticks - 1, market.price_max - 1);

    local head = KIND_ORACLE_PRICE + HEAD_KEY_SHIFT * advice.key + HEAD_MARKET_SHIFT *
        advice.market;
    let message = hash_oracle_message(
        env, head, advice.price_ticks, timestamp_ms, market.multiplier
    );
    verify_signature(cast(oracle, PublicKey*), message);

    assert registers.commands[0] = head + RECORD_DELTA_SHIFT * advice.delta_ms;
    assert registers.commands[1] = advice.price_ticks + RECORD_LAG_SHIFT * advice.lag_ms;
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=registers.slots,
        custody=registers.custody,
        fees=registers.fees,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=registers.commands + 2,
    );
    return (
        code=0,
        first=advice.price_ticks,
        second=timestamp_ms,
        third=0,
        next_advice=advice + OraclePriceAdvice.SIZE,
    );
}
