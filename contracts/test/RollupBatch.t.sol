// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OutputLayout} from "../src/generated/Schema.sol";
import {IRollup} from "../src/interfaces/IRollup.sol";
import {RollupTest} from "./utils/RollupTest.sol";
import {VerifierDouble} from "./utils/VerifierDouble.sol";

/// @notice submitBatch: what it changes, and each refusal, with a verifier that would accept.
contract RollupBatchTest is RollupTest {
    function test_aBatchAdvancesEverything() public {
        _deposit(ALICE, 100);
        vm.warp(block.timestamp + 5);
        Batch memory batch = _next();
        _addRequest(batch, _depositWords(1, ALICE, 100));
        _addWithdrawal(batch, BOB, 30);
        bytes32 log = bytes32(abi.encodePacked(uint64(7), uint64(7), uint64(7), uint64(7)));
        uint64 time = uint64(1000 * block.timestamp);
        bytes memory output = _output(batch);
        _allow(batch, output);
        vm.expectEmit();
        emit IRollup.WithdrawalCredited(1, BOB, 30);
        vm.expectEmit();
        emit IRollup.BatchAccepted(1, GENESIS_ROOT, batch.newRoot, log, 1, 1, 1, time);
        _send(batch, output);
        assertEq(rollup.root(), batch.newRoot);
        assertEq(rollup.rootOf(1), batch.newRoot);
        assertEq(rollup.rootOf(0), GENESIS_ROOT);
        assertEq(rollup.batchNumber(), 1);
        assertEq(rollup.requestsDone(), 1);
        assertEq(rollup.logChain(), log);
        assertEq(rollup.lastTimeMs(), time);
        assertEq(rollup.creditOf(BOB), 30);
        assertEq(rollup.escrow(), 70);
    }

    function test_manyRequestsOverTwoBatches() public {
        _deposit(ALICE, 1);
        _deposit(BOB, 2);
        _deposit(ALICE, 3);
        Batch memory batch = _next();
        _addRequest(batch, _depositWords(1, ALICE, 1));
        _submit(batch);
        batch = _next();
        _addRequest(batch, _depositWords(2, BOB, 2));
        _addRequest(batch, _depositWords(1, ALICE, 3));
        _submit(batch);
        assertEq(rollup.requestsDone(), 3);
        assertEq(rollup.batchNumber(), 2);
    }

    function test_revertsIfNotTheOperator() public {
        bytes memory output = _output(_next());
        vm.expectRevert(abi.encodeWithSelector(IRollup.NotOperator.selector, ALICE));
        vm.prank(ALICE, ALICE);
        rollup.submitBatch(FINAL_AP, _used(), GENESIS_ROOT, GENESIS_ROOT, output, "");
    }

    function test_revertsIfTheCallIsNotTheTransaction() public {
        bytes memory output = _output(_next());
        vm.expectRevert(IRollup.NotDirect.selector);
        vm.prank(OPERATOR, ALICE);
        rollup.submitBatch(FINAL_AP, _used(), GENESIS_ROOT, GENESIS_ROOT, output, "");
        // An operator with delegated code (EIP-7702) can call itself within its own transaction.
        vm.etch(OPERATOR, hex"ef01000000000000000000000000000000000000000001");
        vm.expectRevert(IRollup.NotDirect.selector);
        vm.prank(OPERATOR, OPERATOR);
        rollup.submitBatch(FINAL_AP, _used(), GENESIS_ROOT, GENESIS_ROOT, output, "");
    }

    function test_revertsIfTheLengthIsNotWhatTheCountsSay() public {
        _deposit(ALICE, 1);
        Batch memory batch = _next();
        _addRequest(batch, _depositWords(1, ALICE, 1));
        _addWithdrawal(batch, ALICE, 1);
        bytes memory output = _output(batch);
        uint256 n = output.length;
        assertEq(n, 8 * (22 + 12 + 4 + 1));
        bytes4 selector = IRollup.WrongDataLength.selector;
        _submit(
            batch, abi.encodePacked(output, uint64(0)), abi.encodeWithSelector(selector, n + 8, n)
        );
        _submit(
            batch, abi.encodePacked(output, hex"00"), abi.encodeWithSelector(selector, n + 1, n)
        );
        assembly ("memory-safe") {
            mstore(output, sub(n, 1))
        }
        _submit(batch, output, abi.encodeWithSelector(selector, n - 1, n));
        _submit(batch, "", abi.encodeWithSelector(selector, 0, 176));
        _submit(batch, new bytes(175), abi.encodeWithSelector(selector, 175, 176));
    }

    function test_revertsIfACountIsHuge() public {
        uint64 most = type(uint64).max;
        uint256[3] memory fields = [
            OutputLayout.REQUESTS_COUNT, OutputLayout.WITHDRAWALS_COUNT, OutputLayout.COMMAND_WORDS
        ];
        uint256[3] memory widths = [uint256(12), 4, 1];
        for (uint256 i = 0; i < 3; ++i) {
            Batch memory batch = _next();
            uint256 others = i == 2 ? 22 : 23;
            batch.fixedWords[fields[i]] = most;
            uint256 length = 8 * (others + widths[i] * uint256(most));
            _refused(batch, abi.encodeWithSelector(IRollup.WrongDataLength.selector, 184, length));
        }
    }

    function test_revertsIfAConstantIsAnothers() public {
        for (uint256 i = 0; i < 6; ++i) {
            Batch memory batch = _next();
            uint64 right = batch.fixedWords[i];
            uint64[2] memory wrong = [right ^ 1, right | (1 << 63)];
            for (uint256 j = 0; j < 2; ++j) {
                batch.fixedWords[i] = wrong[j];
                _refused(
                    batch,
                    abi.encodeWithSelector(IRollup.WrongConstant.selector, i, wrong[j], right)
                );
            }
        }
    }

    function test_revertsIfABatchIsReplayedOnAnotherChain() public {
        Batch memory batch = _next();
        vm.chainId(2);
        _refused(batch, abi.encodeWithSelector(IRollup.WrongConstant.selector, 1, 31_337, 2));
    }

    function test_revertsIfABatchIsSubmittedTwiceOrTooEarly() public {
        Batch memory batch = _next();
        batch.fixedWords[OutputLayout.BATCH_NUMBER] = 2;
        _refused(batch, abi.encodeWithSelector(IRollup.BatchOutOfOrder.selector, 2, 1));
        batch.fixedWords[OutputLayout.BATCH_NUMBER] = 1;
        _submit(batch);
        _refused(batch, abi.encodeWithSelector(IRollup.BatchOutOfOrder.selector, 1, 2));
    }

    function test_revertsIfTheBatchStartsElsewhere() public {
        Batch memory batch = _next();
        batch.oldRoot = bytes32(uint256(GENESIS_ROOT) ^ 1);
        _refused(
            batch,
            abi.encodeWithSelector(IRollup.WrongOldRoot.selector, batch.oldRoot, GENESIS_ROOT)
        );
        batch = _next();
        batch.fixedWords[OutputLayout.LOG_BEFORE + 3] = 1;
        _refused(
            batch,
            abi.encodeWithSelector(IRollup.WrongLogBefore.selector, bytes32(uint256(1)), bytes32(0))
        );
        batch = _next();
        batch.fixedWords[OutputLayout.REQUESTS_BEFORE] = 1;
        _refused(batch, abi.encodeWithSelector(IRollup.WrongRequestsBefore.selector, 1, 0));
        for (uint64 off = 0; off < 2; ++off) {
            batch = _next();
            uint64 time = START_MS + 2 * off - 1;
            batch.fixedWords[OutputLayout.FIRST_TIME_MS] = time;
            _refused(batch, abi.encodeWithSelector(IRollup.WrongFirstTime.selector, time, START_MS));
        }
    }

    function test_revertsIfTheBatchIsEmpty() public {
        Batch memory batch = _next();
        batch.fixedWords[OutputLayout.COMMANDS_COUNT] = 0;
        _refused(batch, abi.encodeWithSelector(IRollup.EmptyBatch.selector));
    }

    function test_revertsIfRequestsAreNotQueued() public {
        _deposit(ALICE, 1);
        Batch memory batch = _next();
        _addRequest(batch, _depositWords(1, ALICE, 1));
        _addRequest(batch, _depositWords(1, ALICE, 1));
        _refused(batch, abi.encodeWithSelector(IRollup.RequestsNotQueued.selector, 2, 1));
    }

    function test_revertsIfRequestsAreSkippedReorderedAlteredOrRepeated() public {
        _deposit(ALICE, 1);
        _deposit(BOB, 2);
        bytes memory a = _depositWords(1, ALICE, 1);
        bytes memory b = _depositWords(2, BOB, 2);
        (bytes32 chainA,) = rollup.requestOf(0);
        (bytes32 chainAb,) = rollup.requestOf(1);
        _refusedRequests(b, "", bytes32(0), chainA);
        _refusedRequests(_depositWords(1, ALICE, 2), "", bytes32(0), chainA);
        _refusedRequests(b, a, bytes32(0), chainAb);
        _refusedRequests(a, a, bytes32(0), chainAb);
        Batch memory batch = _next();
        _addRequest(batch, a);
        _submit(batch);
        _refusedRequests(a, "", chainA, chainAb);
    }

    function test_revertsIfTimeIsAheadOfTheBlock() public {
        uint64 latest = uint64(1000 * block.timestamp + 60_000);
        Batch memory batch = _next();
        batch.fixedWords[OutputLayout.LAST_TIME_MS] = latest + 1;
        _refused(batch, abi.encodeWithSelector(IRollup.TimeAhead.selector, latest + 1, latest));
        batch.fixedWords[OutputLayout.LAST_TIME_MS] = latest;
        _submit(batch);
    }

    function test_revertsIfARequestRunsBeforeItsTime() public {
        _deposit(ALICE, 1);
        vm.warp(block.timestamp + 10);
        _deposit(BOB, 2);
        uint64 earliest = uint64(1000 * block.timestamp);
        Batch memory batch = _next();
        _addRequest(batch, _depositWords(1, ALICE, 1));
        _addRequest(batch, _depositWords(2, BOB, 2));
        batch.fixedWords[OutputLayout.LAST_TIME_MS] = earliest - 1;
        bytes4 selector = IRollup.RequestFromFuture.selector;
        _refused(batch, abi.encodeWithSelector(selector, earliest - 1, earliest));
        batch.fixedWords[OutputLayout.LAST_TIME_MS] = earliest;
        _submit(batch);
    }

    function test_revertsIfAWithdrawalIsNoAddressAndAmount() public {
        _deposit(ALICE, 100);
        bytes[5] memory records = [
            abi.encodePacked(uint64(1) << 56, uint64(0), uint64(0), uint64(1)),
            abi.encodePacked(uint64(0), uint64(1) << 56, uint64(0), uint64(1)),
            abi.encodePacked(uint64(0), uint64(0), uint64(1) << 48, uint64(1)),
            abi.encodePacked(_owner(ALICE), uint64(0)),
            abi.encodePacked(_owner(ALICE), uint64(1) << 58)
        ];
        for (uint256 i = 0; i < records.length; ++i) {
            Batch memory batch = _next();
            _addWithdrawal(batch, ALICE, 1);
            batch.withdrawals = abi.encodePacked(batch.withdrawals, records[i]);
            ++batch.fixedWords[OutputLayout.WITHDRAWALS_COUNT];
            _refused(batch, abi.encodeWithSelector(IRollup.WrongWithdrawal.selector, 1));
        }
    }

    function test_revertsIfMoreIsPaidThanIsHeld() public {
        _deposit(ALICE, 100);
        // Tokens sent here by mistake are no one's.
        token.mint(address(rollup), 1000);
        Batch memory batch = _next();
        _addWithdrawal(batch, ALICE, 60);
        _addWithdrawal(batch, ALICE, 41);
        _refused(batch, abi.encodeWithSelector(IRollup.EscrowExceeded.selector, 101, 100));
    }

    function test_revertsIfTheProofIsRefused() public {
        Batch memory batch = _next();
        bytes memory output = _output(batch);
        vm.expectRevert(VerifierDouble.Refused.selector);
        vm.prank(OPERATOR, OPERATOR);
        rollup.submitBatch(FINAL_AP, _used(), batch.oldRoot, batch.newRoot, output, "proof");
        verifier.answerFalse();
        _refused(batch, abi.encodeWithSelector(IRollup.NotProven.selector));
        assertEq(rollup.batchNumber(), 0);
        assertEq(rollup.root(), GENESIS_ROOT);
    }

    function test_aWithdrawalIsClaimedOnce() public {
        _deposit(ALICE, 100);
        Batch memory batch = _next();
        _addWithdrawal(batch, BOB, 25);
        _addWithdrawal(batch, BOB, 25);
        _submit(batch);
        vm.expectEmit();
        emit IRollup.Claimed(BOB, 50);
        vm.prank(BOB);
        assertEq(rollup.claim(), 50);
        assertEq(token.balanceOf(BOB), RICH + 50);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NothingToClaim.selector, BOB));
        vm.prank(BOB);
        rollup.claim();
    }

    /// @dev A batch of one or two requests whose chain differs from the queue's.
    function _refusedRequests(bytes memory a, bytes memory b, bytes32 start, bytes32 expected)
        private
    {
        Batch memory batch = _next();
        _addRequest(batch, a);
        bytes32 got = keccak256(abi.encodePacked(start, a));
        if (b.length > 0) {
            _addRequest(batch, b);
            got = keccak256(abi.encodePacked(got, b));
        }
        _refused(batch, abi.encodeWithSelector(IRollup.WrongRequests.selector, got, expected));
    }
}
