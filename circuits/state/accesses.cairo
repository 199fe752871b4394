// Accesses to the state, with the leaf's felts by name. The leaf before is the machine's (the table
// proves it), the leaf after is the program's to write, in every access and in full.

from generated.leaves import (
    AccountLeaf,
    ClientOrderLeaf,
    ClockLeaf,
    ConditionalLeaf,
    ConditionalsLeaf,
    ConfigLeaf,
    DeleveragingLeaf,
    DueLeaf,
    FundingLeaf,
    InterestLeaf,
    KeyLeaf,
    LevelLeaf,
    LogLeaf,
    MarginLeaf,
    MarketLeaf,
    MarkLeaf,
    MoneyLeaf,
    OracleKeyLeaf,
    OrderLeaf,
    OwnerLeaf,
    PositionLeaf,
    PricingLeaf,
    ReportLeaf,
    RiskLeaf,
    ScheduleLeaf,
    StandingLeaf,
    StopsLeaf,
    TermsLeaf,
    TriggersLeaf,
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

struct ScheduleAccess {
    key: felt,
    before: ScheduleLeaf,
    after: ScheduleLeaf,
}

struct RiskAccess {
    key: felt,
    before: RiskLeaf,
    after: RiskLeaf,
}

struct DeleveragingAccess {
    key: felt,
    before: DeleveragingLeaf,
    after: DeleveragingLeaf,
}

struct ConditionalsAccess {
    key: felt,
    before: ConditionalsLeaf,
    after: ConditionalsLeaf,
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

struct InterestAccess {
    key: felt,
    before: InterestLeaf,
    after: InterestLeaf,
}

struct MarkAccess {
    key: felt,
    before: MarkLeaf,
    after: MarkLeaf,
}

struct FundingAccess {
    key: felt,
    before: FundingLeaf,
    after: FundingLeaf,
}

struct PricingAccess {
    key: felt,
    before: PricingLeaf,
    after: PricingLeaf,
}

struct ReportAccess {
    key: felt,
    before: ReportLeaf,
    after: ReportLeaf,
}

struct MarginAccess {
    key: felt,
    before: MarginLeaf,
    after: MarginLeaf,
}

struct TriggersAccess {
    key: felt,
    before: TriggersLeaf,
    after: TriggersLeaf,
}

struct StopsAccess {
    key: felt,
    before: StopsLeaf,
    after: StopsLeaf,
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

struct ConditionalAccess {
    key: felt,
    before: ConditionalLeaf,
    after: ConditionalLeaf,
}

struct TermsAccess {
    key: felt,
    before: TermsLeaf,
    after: TermsLeaf,
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

struct StandingAccess {
    key: felt,
    before: StandingLeaf,
    after: StandingLeaf,
}

struct ClientOrderAccess {
    key: felt,
    before: ClientOrderLeaf,
    after: ClientOrderLeaf,
}

struct DueAccess {
    key: felt,
    before: DueLeaf,
    after: DueLeaf,
}
