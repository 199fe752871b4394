// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DevToken} from "../../src/DevToken.sol";
import {Rollup} from "../../src/Rollup.sol";
import {OutputLayout, Schema} from "../../src/generated/Schema.sol";
import {Test} from "./Test.sol";
import {VerifierDouble} from "./VerifierDouble.sol";

/// @notice A venue with a verifier that accepts what the tests tell it to, and batches for it.
abstract contract RollupTest is Test {
    /// @dev A batch before it is bytes.
    struct Batch {
        uint64[22] fixedWords;
        bytes requests;
        bytes withdrawals;
        bytes commands;
        bytes32 oldRoot;
        bytes32 newRoot;
    }

    address internal constant OPERATOR = address(0x0FE4);
    address internal constant ALICE = address(0xa11ce00000000000000000000000000000000001);
    address internal constant BOB = address(0xb0b0000000000000000000000000000000000002);
    bytes32 internal constant GENESIS_ROOT = bytes32(uint256(0x1111));
    uint64 internal constant START_MS = 1_700_000_000_000;
    uint32 internal constant FINAL_AP = 4_711;
    uint256 internal constant RICH = 1 << 60;

    DevToken internal token;
    VerifierDouble internal verifier;
    Rollup internal rollup;

    function setUp() public virtual {
        vm.warp(START_MS / 1000);
        token = new DevToken();
        verifier = new VerifierDouble();
        rollup = new Rollup(token, verifier, OPERATOR, GENESIS_ROOT, START_MS);
        _fund(ALICE);
        _fund(BOB);
    }

    function _fund(address owner) internal {
        token.mint(owner, RICH);
        vm.prank(owner);
        token.approve(address(rollup), type(uint256).max);
    }

    function _noKey() internal pure returns (uint64[5] memory) {}

    function _deposit(address owner, uint256 amount) internal returns (uint64 number) {
        vm.prank(owner);
        (number,) = rollup.deposit(amount, 0, _noKey());
    }

    /// @dev The next batch, with one command and nothing else.
    function _next() internal view returns (Batch memory batch) {
        batch.oldRoot = rollup.root();
        batch.newRoot = keccak256(abi.encode(batch.oldRoot));
        batch.commands = hex"0000000000000001";
        uint64[22] memory words = batch.fixedWords;
        words[OutputLayout.FORMAT_VERSION] = 1;
        words[OutputLayout.CHAIN_ID] = uint64(block.chainid);
        uint256 self = uint160(address(rollup));
        words[OutputLayout.ROLLUP] = uint64(self >> 104);
        words[OutputLayout.ROLLUP + 1] = uint64((self >> 48) & 0xffffffffffffff);
        words[OutputLayout.ROLLUP + 2] = uint64(self & 0xffffffffffff);
        words[OutputLayout.TREE_DEPTH] = 40;
        words[OutputLayout.BATCH_NUMBER] = rollup.batchNumber() + 1;
        words[OutputLayout.REQUESTS_BEFORE] = rollup.requestsDone();
        words[OutputLayout.COMMANDS_COUNT] = 1;
        words[OutputLayout.COMMAND_WORDS] = 1;
        uint256 log = uint256(rollup.logChain());
        for (uint256 i = 0; i < 4; ++i) {
            words[OutputLayout.LOG_BEFORE + i] = uint64(log >> (192 - 64 * i));
            words[OutputLayout.LOG_AFTER + i] = words[OutputLayout.LOG_BEFORE + i] + 7;
        }
        words[OutputLayout.FIRST_TIME_MS] = rollup.lastTimeMs();
        words[OutputLayout.LAST_TIME_MS] = uint64(1000 * block.timestamp);
    }

    /// @dev Adds a request that the batch executes.
    function _addRequest(Batch memory batch, bytes memory words) internal pure {
        batch.requests = abi.encodePacked(batch.requests, words);
        ++batch.fixedWords[OutputLayout.REQUESTS_COUNT];
    }

    /// @dev Adds a withdrawal record.
    function _addWithdrawal(Batch memory batch, address owner, uint64 amount) internal pure {
        batch.withdrawals = abi.encodePacked(batch.withdrawals, _owner(owner), amount);
        ++batch.fixedWords[OutputLayout.WITHDRAWALS_COUNT];
    }

    /// @dev The words of an address, from its bytes.
    function _owner(address owner) internal pure returns (bytes memory) {
        bytes memory b = abi.encodePacked(owner);
        bytes memory words = new bytes(24);
        for (uint256 i = 0; i < 20; ++i) {
            words[i < 7 ? 1 + i : i < 14 ? 2 + i : 4 + i] = b[i];
        }
        return words;
    }

    function _depositWords(uint32 account, address owner, uint64 amount)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(
            uint64(Schema.REQUEST_KIND_DEPOSIT),
            uint64(account),
            _owner(owner),
            amount,
            new bytes(48)
        );
    }

    function _output(Batch memory batch) internal pure returns (bytes memory output) {
        for (uint256 i = 0; i < 22; ++i) {
            output = abi.encodePacked(output, batch.fixedWords[i]);
        }
        return abi.encodePacked(output, batch.requests, batch.withdrawals, batch.commands);
    }

    function _used() internal pure returns (uint32[] memory used) {
        used = new uint32[](2);
        (used[0], used[1]) = (5, 6);
    }

    /// @dev Submits a batch that the verifier accepts.
    function _submit(Batch memory batch) internal {
        _submit(batch, _output(batch), "");
    }

    /// @dev Submits a batch that the verifier would accept, expecting a refusal.
    function _refused(Batch memory batch, bytes memory error_) internal {
        _submit(batch, _output(batch), error_);
    }

    function _submit(Batch memory batch, bytes memory output, bytes memory error_) internal {
        _allow(batch, output);
        if (error_.length > 0) vm.expectRevert(error_);
        _send(batch, output);
    }

    /// @dev Tells the verifier to accept a batch.
    function _allow(Batch memory batch, bytes memory output) internal {
        bytes memory roots = abi.encodePacked(batch.oldRoot, batch.newRoot);
        verifier.allow(abi.encode(FINAL_AP, _used(), roots, output, bytes("proof")));
    }

    /// @dev Sends a batch as the operator does: one call, the next one.
    function _send(Batch memory batch, bytes memory output) internal {
        vm.prank(OPERATOR, OPERATOR);
        rollup.submitBatch(FINAL_AP, _used(), batch.oldRoot, batch.newRoot, output, "proof");
    }
}
