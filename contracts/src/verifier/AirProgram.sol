// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Interpreter of the generated program: every constraint and bus message at one point.
/// @notice An instruction is 8 bytes: operation (2 bytes: 0 product, 1 sum, 2 difference,
/// 3 reduction), then the byte offsets of the result and of two operands in the register file
/// (2 bytes each). The generator keeps every lane below 2^85; see rust/stark/src/solidity.
library AirProgram {
    uint256 private constant P = 0xffffffff00000001;
    uint256 private constant LANE = 0x1fffffffffffffffffffff;

    /// @dev 2^17 p in every lane: what a difference adds. The generator keeps subtrahends below it.
    uint256 private constant LIFT =
        0x7fffffff80000000800003fffffffc0000000400001fffffffe000000020000;

    /// @notice Runs `count` instructions at `program` on the registers at `registers`.
    function run(uint256 program, uint256 count, uint256 registers) internal pure {
        assembly ("memory-safe") {
            let end := add(program, shl(3, count))
            for {} lt(program, end) { program := add(program, 8) } {
                let w := shr(192, mload(program))
                let a := mload(add(registers, and(shr(16, w), 0xffff)))
                let b := mload(add(registers, and(w, 0xffff)))
                let out := add(registers, and(shr(32, w), 0xffff))
                switch shr(48, w)
                case 0 {
                    let a0 := and(a, LANE)
                    let a1 := and(shr(85, a), LANE)
                    let a2 := shr(170, a)
                    let b0 := and(b, LANE)
                    let b1 := and(shr(85, b), LANE)
                    let b2 := shr(170, b)
                    let t := add(mul(a1, b2), mul(a2, b1))
                    let u := mul(a2, b2)
                    let c := mod(add(mul(a0, b0), t), P)
                    t := add(t, u)
                    c := or(c, shl(85, mod(add(add(mul(a0, b1), mul(a1, b0)), t), P)))
                    u := add(u, mul(a2, b0))
                    mstore(out, or(c, shl(170, mod(add(add(mul(a0, b2), mul(a1, b1)), u), P))))
                }
                case 1 { mstore(out, add(a, b)) }
                case 2 { mstore(out, sub(add(a, LIFT), b)) }
                default {
                    let c := or(mod(and(a, LANE), P), shl(85, mod(and(shr(85, a), LANE), P)))
                    mstore(out, or(c, shl(170, mod(shr(170, a), P))))
                }
            }
        }
    }
}
