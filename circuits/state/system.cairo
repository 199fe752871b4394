// The system's leaves (docs/spec/state.md § 2). The batch reads each once and writes it once; but
// `deleveraging`, which few commands look at, is read and written where it is needed.

from generated.constants import (
    CLOCK_INDEX,
    CONDITIONALS_INDEX,
    CONFIG_INDEX,
    DELEVERAGING_INDEX,
    LOG_INDEX,
    MONEY_INDEX,
    ORACLE_KEY_INDEX,
    RISK_INDEX,
    SCHEDULE_INDEX,
    SYSTEM_BASE,
)
from generated.leaves import (
    ClockLeaf,
    ConditionalsLeaf,
    ConfigLeaf,
    DeleveragingLeaf,
    LogLeaf,
    MoneyLeaf,
    OracleKeyLeaf,
    RiskLeaf,
    ScheduleLeaf,
)
from lib.builtins import ACCESS_CELLS
from state.accesses import (
    ClockAccess,
    ConditionalsAccess,
    ConfigAccess,
    DeleveragingAccess,
    LogAccess,
    MoneyAccess,
    OracleKeyAccess,
    RiskAccess,
    ScheduleAccess,
)

// Guarantees: the clock leaf; unchanged.
func read_clock{state_ptr: felt*}() -> ClockLeaf* {
    let access = cast(state_ptr, ClockAccess*);
    assert access.key = SYSTEM_BASE + CLOCK_INDEX;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the clock leaf is this one.
func write_clock{state_ptr: felt*}(leaf: ClockLeaf) {
    let access = cast(state_ptr, ClockAccess*);
    assert access.key = SYSTEM_BASE + CLOCK_INDEX;
    assert access.after = leaf;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the money leaf; unchanged.
func read_money{state_ptr: felt*}() -> MoneyLeaf* {
    let access = cast(state_ptr, MoneyAccess*);
    assert access.key = SYSTEM_BASE + MONEY_INDEX;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the money leaf is this one.
func write_money{state_ptr: felt*}(leaf: MoneyLeaf) {
    let access = cast(state_ptr, MoneyAccess*);
    assert access.key = SYSTEM_BASE + MONEY_INDEX;
    assert access.after = leaf;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the log leaf; unchanged.
func read_log{state_ptr: felt*}() -> LogLeaf* {
    let access = cast(state_ptr, LogAccess*);
    assert access.key = SYSTEM_BASE + LOG_INDEX;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the log leaf is this one.
func write_log{state_ptr: felt*}(leaf: LogLeaf) {
    let access = cast(state_ptr, LogAccess*);
    assert access.key = SYSTEM_BASE + LOG_INDEX;
    assert access.after = leaf;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the schedule leaf; unchanged.
func read_schedule{state_ptr: felt*}() -> ScheduleLeaf* {
    let access = cast(state_ptr, ScheduleAccess*);
    assert access.key = SYSTEM_BASE + SCHEDULE_INDEX;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the schedule leaf is this one.
func write_schedule{state_ptr: felt*}(leaf: ScheduleLeaf) {
    let access = cast(state_ptr, ScheduleAccess*);
    assert access.key = SYSTEM_BASE + SCHEDULE_INDEX;
    assert access.after = leaf;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the risk leaf; unchanged.
func read_risk{state_ptr: felt*}() -> RiskLeaf* {
    let access = cast(state_ptr, RiskAccess*);
    assert access.key = SYSTEM_BASE + RISK_INDEX;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the risk leaf is this one.
func write_risk{state_ptr: felt*}(leaf: RiskLeaf) {
    let access = cast(state_ptr, RiskAccess*);
    assert access.key = SYSTEM_BASE + RISK_INDEX;
    assert access.after = leaf;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the leaf of conditional orders; unchanged.
func read_conditionals{state_ptr: felt*}() -> ConditionalsLeaf* {
    let access = cast(state_ptr, ConditionalsAccess*);
    assert access.key = SYSTEM_BASE + CONDITIONALS_INDEX;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the leaf of conditional orders is this one.
func write_conditionals{state_ptr: felt*}(leaf: ConditionalsLeaf) {
    let access = cast(state_ptr, ConditionalsAccess*);
    assert access.key = SYSTEM_BASE + CONDITIONALS_INDEX;
    assert access.after = leaf;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the deleveraging leaf; unchanged.
func read_deleveraging{state_ptr: felt*}() -> DeleveragingLeaf* {
    let access = cast(state_ptr, DeleveragingAccess*);
    assert access.key = SYSTEM_BASE + DELEVERAGING_INDEX;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the deleveraging leaf is this one.
func write_deleveraging{state_ptr: felt*}(leaf: DeleveragingLeaf) {
    let access = cast(state_ptr, DeleveragingAccess*);
    assert access.key = SYSTEM_BASE + DELEVERAGING_INDEX;
    assert access.after = leaf;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: afterwards this deleveraging runs, of which nothing has happened yet; its number is one more
// than the last one's. It stays below 2^48, since each begins by a command and those are counted.
func open_deleveraging{state_ptr: felt*}(target: felt, lots: felt, quote: felt, total: felt) {
    let access = cast(state_ptr, DeleveragingAccess*);
    assert access.key = SYSTEM_BASE + DELEVERAGING_INDEX;
    assert access.after = DeleveragingLeaf(
        target=target,
        lots=lots,
        quote=quote,
        total=total,
        visited=0,
        closed=0,
        paid=0,
        number=access.before.number + 1,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the config leaf; unchanged.
func read_config{state_ptr: felt*}() -> ConfigLeaf* {
    let access = cast(state_ptr, ConfigAccess*);
    assert access.key = SYSTEM_BASE + CONFIG_INDEX;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf of an oracle key; unchanged.
// Assumes: key < 16, range-checked.
func read_oracle_key{state_ptr: felt*}(key: felt) -> OracleKeyLeaf* {
    let access = cast(state_ptr, OracleKeyAccess*);
    assert access.key = SYSTEM_BASE + ORACLE_KEY_INDEX + key;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}
