// oracle_report: a registered key says what prices were.
//
// Proven here: 1. the key is in range and there are 1 .. 32 entries (1001). 2. the key is live (4201). 3. it
// signed the timestamp and every entry with its market's scale (1006). 4. the timestamp is not after
// program time and not older than staleness_ms (4202, 4203). 5. each entry passes its checks and is the
// key's last report on its market (prices/reports.cairo: 1001, 1101, 1102, 4204).
// Not proven here: that the prices are true.

from generated.codes import KIND_ORACLE_REPORT
from generated.constants import (
    HEAD_KEY_SHIFT,
    MARKETS_MAX,
    ORACLE_KEYS_MAX,
    RECORD_DELTA_SHIFT,
    RECORD_ENTRIES_SHIFT,
    REPORT_KEYS,
)
from generated.leaves import OracleKeyLeaf
from admission import advance_time
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_in_range
from lib.signature_builtin import PublicKey, verify_signature
from prices.reports import Entry, place_of, store_and_hash
from registers import Environment, Registers
from state.system import read_oracle_key

// As many entries follow as `count` says.
struct OracleReportAdvice {
    kind: felt,
    delta_ms: felt,
    key: felt,
    lag_ms: felt,
    count: felt,
}

func oracle_report{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: OracleReportAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    local key = advice.key;
    local count = advice.count;
    let now_ms = advance_time(registers.time_ms, advice.delta_ms);
    local now_ms = now_ms;
    assert_in_range(key, ORACLE_KEYS_MAX - 1);
    assert_in_range(count - 1, MARKETS_MAX - 1);
    assert_in_range(advice.lag_ms, env.config.staleness_ms);
    local timestamp_ms = now_ms - advice.lag_ms;
    let oracle = read_oracle_key(key);
    local oracle: OracleKeyLeaf* = oracle;
    assert oracle.live = 1;

    // The key's place: leaf key div 4 of a market, report key mod 4 there.
    assert muldiv_ptr.a = key;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = REPORT_KEYS;
    let reporting = place_of(muldiv_ptr.q, muldiv_ptr.r, timestamp_ms);
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;

    local head = KIND_ORACLE_REPORT + HEAD_KEY_SHIFT * key;
    let words = registers.commands;
    assert words[0] = head + RECORD_DELTA_SHIFT * advice.delta_ms;
    assert words[1] = advice.lag_ms + RECORD_ENTRIES_SHIFT * count;
    let words = words + 2;
    let entries = cast(advice + OracleReportAdvice.SIZE, Entry*);
    let message = store_and_hash{words=words, entries=entries}(env, reporting, head, count);
    verify_signature(cast(oracle, PublicKey*), message);

    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=registers.slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words,
    );
    return (code=0, first=key, second=timestamp_ms, third=count, next_advice=cast(entries, felt*));
}
