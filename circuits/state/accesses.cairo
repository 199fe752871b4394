// Accesses to the state, with the leaf's felts by name. The leaf before is the machine's (the table
// proves it), the leaf after is the program's to write, in every access and in full.

from generated.leaves import (
    AccountLeaf,
    ClockLeaf,
    ConfigLeaf,
    KeyLeaf,
    LevelLeaf,
    LogLeaf,
    MarketLeaf,
    MoneyLeaf,
    OracleKeyLeaf,
    OrderLeaf,
    OwnerLeaf,
    PositionLeaf,
)

struct ClockAccess {
    key: felt,
    before: ClockLeaf,
    after: ClockLeaf,
}

struct MoneyAccess {
    key: felt,
    before: MoneyLeaf,
    after: MoneyLeaf,
}

struct LogAccess {
    key: felt,
    before: LogLeaf,
    after: LogLeaf,
}

struct ConfigAccess {
    key: felt,
    before: ConfigLeaf,
    after: ConfigLeaf,
}

struct OracleKeyAccess {
    key: felt,
    before: OracleKeyLeaf,
    after: OracleKeyLeaf,
}

struct MarketAccess {
    key: felt,
    before: MarketLeaf,
    after: MarketLeaf,
}

struct LevelAccess {
    key: felt,
    before: LevelLeaf,
    after: LevelLeaf,
}

struct OrderAccess {
    key: felt,
    before: OrderLeaf,
    after: OrderLeaf,
}

struct AccountAccess {
    key: felt,
    before: AccountLeaf,
    after: AccountLeaf,
}

struct OwnerAccess {
    key: felt,
    before: OwnerLeaf,
    after: OwnerLeaf,
}

struct KeyAccess {
    key: felt,
    before: KeyLeaf,
    after: KeyLeaf,
}

struct PositionAccess {
    key: felt,
    before: PositionLeaf,
    after: PositionLeaf,
}
