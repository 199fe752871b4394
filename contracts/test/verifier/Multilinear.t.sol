// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cubic} from "../../src/verifier/Cubic.sol";
import {Memory} from "../../src/verifier/Memory.sol";
import {Multilinear} from "../../src/verifier/Multilinear.sol";
import {Test} from "../utils/Test.sol";

/// @notice Closed forms against sums written out.
contract MultilinearTest is Test {
    uint256 private constant BITS = 9;

    function _element(bytes32 seed, uint256 index) private pure returns (uint256) {
        uint256 digest = uint256(keccak256(abi.encode(seed, index)));
        return Cubic.reduce(digest & ((1 << 255) - 1));
    }

    /// @dev eq(bits of slot, coordinates), least significant bit first.
    function _eq(uint256 slot, uint256 coordinates) private pure returns (uint256 product) {
        product = 1;
        for (uint256 i = 0; i < BITS; ++i) {
            uint256 r = Memory.get(coordinates, i);
            bool one = (slot >> i) & 1 == 1;
            product = Cubic.mul(product, one ? r : Cubic.reduce(Cubic.sub(1, r)));
        }
    }

    function _coordinates(bytes32 seed) private pure returns (uint256 coordinates) {
        coordinates = Memory.allocate(BITS);
        for (uint256 i = 0; i < BITS; ++i) {
            Memory.set(coordinates, i, _element(seed, i));
        }
    }

    function _check(bytes32 seed, uint256 first, uint256 count) private pure {
        uint256 coordinates = _coordinates(seed);
        uint256 a = _element(seed, 1000);
        // As many squares as `count` has bits, and nonsense behind them.
        uint256 squares = Memory.allocate(BITS + 1);
        uint256 square = a;
        for (uint256 i = 0; i <= BITS; ++i) {
            Memory.set(squares, i, count >> i == 0 ? 12345 : square);
            square = Cubic.mul(square, square);
        }
        uint256 expected = 0;
        uint256 power = 1;
        for (uint256 i = 0; i < count; ++i) {
            expected += Cubic.mul(power, _eq(first + i, coordinates));
            power = Cubic.mul(power, a);
        }
        uint256 got = Multilinear.geometric(squares, first, count, coordinates, BITS);
        assertEq(got, Cubic.reduce(expected));
    }

    function test_powersAtEveryRunOfSlots() public pure {
        for (uint256 first = 0; first < 9; ++first) {
            for (uint256 count = 1; count < 20; ++count) {
                _check("runs", first, count);
            }
        }
        _check("ends", 0, 1 << BITS);
        _check("ends", (1 << BITS) - 1, 1);
        _check("ends", 1, (1 << BITS) - 2);
        for (uint256 boundary = 2; boundary < 1 << BITS; boundary <<= 1) {
            _check("boundary", boundary - 1, 2);
            _check("boundary", boundary - 1, 3);
        }
    }

    function test_fuzz_powersAtConsecutiveSlots(bytes32 seed, uint256 first, uint256 count)
        public
        pure
    {
        first = first % 400;
        _check(seed, first, 1 + count % 105);
    }

    /// @dev The definition: sum over the rows x of eq(p, x) times [y is x + 1], the last its own.
    function test_fuzz_successorOfEveryRow(bytes32 seed, uint256 row) public pure {
        uint256 p = _coordinates(seed);
        row = row % (1 << BITS);
        uint256 y = Memory.allocate(BITS);
        for (uint256 i = 0; i < BITS; ++i) {
            // Coordinate 0 is the most significant bit.
            Memory.set(y, i, (row >> (BITS - 1 - i)) & 1);
        }
        (uint256 equal, uint256 next) = Multilinear.eqAndSuccessor(p, y, BITS);
        assertEq(equal, _row(p, row));
        uint256 expected = row > 0 ? _row(p, row - 1) : 0;
        if (row == (1 << BITS) - 1) expected = Cubic.reduce(expected + _row(p, row));
        assertEq(next, expected);
    }

    /// @dev eq(p, bits of row), coordinate 0 being the most significant bit.
    function _row(uint256 p, uint256 row) private pure returns (uint256 product) {
        product = 1;
        for (uint256 i = 0; i < BITS; ++i) {
            uint256 r = Memory.get(p, i);
            bool one = (row >> (BITS - 1 - i)) & 1 == 1;
            product = Cubic.mul(product, one ? r : Cubic.reduce(Cubic.sub(1, r)));
        }
    }
}
