// A due account that is liquidated, and the position of it that goes next.

from liquidation.parts import Part

struct Victim {
    account: felt,
    collateral: felt,
    // All its positions.
    parts: Part*,
    // TAV, and S < 0; MMR = tav - slack.
    tav: felt,
    slack: felt,
    // The position with the greatest maintenance margin, and that margin.
    part: Part*,
    margin: felt,
}
