// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cubic} from "../../src/verifier/Cubic.sol";
import {Test} from "../utils/Test.sol";

/// @notice Field operations against the vectors that zkperp-stark writes.
contract CubicTest is Test {
    string private json;

    function setUp() public {
        json = vm.readFile(string.concat(VECTORS, "transcript/cubic.json"));
    }

    function _element(uint256 index, string memory name) private view returns (uint256) {
        string memory key = string.concat(".cases[", _decimal(index), "].", name);
        uint256[] memory lanes = vm.parseJsonUintArray(json, key);
        return lanes[0] | (lanes[1] << 85) | (lanes[2] << 170);
    }

    function _decimal(uint256 value) private pure returns (string memory) {
        bytes memory digits = new bytes(2);
        digits[0] = bytes1(uint8(48 + value / 10));
        digits[1] = bytes1(uint8(48 + value % 10));
        return value < 10 ? string(abi.encodePacked(digits[1])) : string(digits);
    }

    function test_productsAndDifferencesEqualRust() public view {
        for (uint256 i = 0; i < 32; ++i) {
            uint256 a = _element(i, "a");
            uint256 b = _element(i, "b");
            assertEq(Cubic.mul(a, b), _element(i, "product"));
            assertEq(Cubic.reduce(Cubic.sub(a, b)), _element(i, "difference"));
            assertEq(Cubic.mul(a, _element(i, "inverse")), 1);
        }
    }

    function test_lazyOperandsGiveTheSameProduct() public view {
        for (uint256 i = 0; i < 32; ++i) {
            uint256 a = _element(i, "a");
            uint256 b = _element(i, "b");
            uint256 lazy = Cubic.mul(a + 1000 * Cubic.ZERO, b + 77 * Cubic.ZERO);
            assertEq(lazy, _element(i, "product"));
            assertEq(Cubic.reduce(a + 1000 * Cubic.ZERO), a);
        }
    }

    function test_fuzz_mulDistributesOverBaseScale(uint256 x, uint64 s) public pure {
        uint256 a = Cubic.reduce(x & ((1 << 255) - 1));
        assertEq(Cubic.scale(a, s), Cubic.mul(a, uint256(s) % Cubic.P));
    }

    function test_fuzz_mulCommutes(uint256 x, uint256 y) public pure {
        uint256 a = x & ((1 << 255) - 1);
        uint256 b = y & ((1 << 255) - 1);
        assertEq(Cubic.mul(a, b), Cubic.mul(b, a));
        assertEq(Cubic.mul(a, b), Cubic.mul(Cubic.reduce(a), Cubic.reduce(b)));
    }
}
