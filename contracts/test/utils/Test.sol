// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The cheat codes of forge that our tests use; each is described in forge's own manual.
interface Vm {
    function assume(bool condition) external pure;
    function deal(address account, uint256 balance) external;
    function expectEmit() external;
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function parseJsonBytes(string calldata json, string calldata key)
        external
        pure
        returns (bytes memory);
    function parseJsonString(string calldata json, string calldata key)
        external
        pure
        returns (string memory);
    function parseJsonUint(string calldata json, string calldata key)
        external
        pure
        returns (uint256);
    function parseJsonUintArray(string calldata json, string calldata key)
        external
        pure
        returns (uint256[] memory);
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function prank(address sender) external;
    function prank(address sender, address origin) external;
    function chainId(uint256 id) external;
    function etch(address account, bytes calldata code) external;
    function store(address account, bytes32 slot, bytes32 value) external;
    function readFile(string calldata path) external view returns (string memory);
    function readFileBinary(string calldata path) external view returns (bytes memory);
    function roll(uint256 blockNumber) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function warp(uint256 timestamp) external;
}

/// @notice Base of our tests: the cheat codes and equality checks that print both sides.
/// @dev forge-std has no official npm package, and we take tools from registries only.
abstract contract Test {
    /// @dev The address at which forge answers cheat codes.
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev Where `vm.readFile` finds the vectors that all languages share.
    string internal constant VECTORS = "../tests/vectors/";

    error NotEqual(uint256 got, uint256 expected);
    error NotEqualBytes(bytes got, bytes expected);
    error NotTrue();

    function assertEq(uint256 got, uint256 expected) internal pure {
        if (got != expected) revert NotEqual(got, expected);
    }

    function assertEq(bytes32 got, bytes32 expected) internal pure {
        if (got != expected) revert NotEqual(uint256(got), uint256(expected));
    }

    function assertEq(address got, address expected) internal pure {
        if (got != expected) revert NotEqual(uint160(got), uint160(expected));
    }

    function assertEq(bytes memory got, bytes memory expected) internal pure {
        if (keccak256(got) != keccak256(expected)) revert NotEqualBytes(got, expected);
    }

    function assertTrue(bool condition) internal pure {
        if (!condition) revert NotTrue();
    }
}
