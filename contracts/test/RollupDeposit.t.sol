// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DevToken} from "../src/DevToken.sol";
import {Rollup} from "../src/Rollup.sol";
import {Schema} from "../src/generated/Schema.sol";
import {IERC20} from "../src/interfaces/IERC20.sol";
import {IProgramVerifier} from "../src/interfaces/IProgramVerifier.sol";
import {IRollup} from "../src/interfaces/IRollup.sol";
import {
    FalseToken,
    FeeToken,
    OddToken,
    ReenteringToken,
    ShortToken,
    SilentToken
} from "./utils/OddTokens.sol";
import {RollupTest} from "./utils/RollupTest.sol";

/// @notice Deployment, deposits, requests and claims.
contract RollupDepositTest is RollupTest {
    function test_deploymentFixesGenesis() public view {
        assertEq(rollup.root(), GENESIS_ROOT);
        assertEq(rollup.rootOf(0), GENESIS_ROOT);
        assertEq(rollup.lastTimeMs(), START_MS);
        assertEq(rollup.batchNumber(), 0);
        assertEq(rollup.logChain(), 0);
        assertEq(rollup.OPERATOR(), OPERATOR);
        assertEq(address(rollup.TOKEN()), address(token));
        assertEq(rollup.VERIFIER().PROGRAM_DIGEST(), verifier.PROGRAM_DIGEST());
    }

    function test_revertsIfDeployedWithoutContractsOrOperator() public {
        vm.expectRevert(abi.encodeWithSelector(IRollup.BadAddress.selector, address(1)));
        new Rollup(IERC20(address(1)), verifier, OPERATOR, GENESIS_ROOT, START_MS);
        vm.expectRevert(abi.encodeWithSelector(IRollup.BadAddress.selector, address(2)));
        new Rollup(token, IProgramVerifier(address(2)), OPERATOR, GENESIS_ROOT, START_MS);
        vm.expectRevert(abi.encodeWithSelector(IRollup.BadAddress.selector, address(0)));
        new Rollup(token, verifier, address(0), GENESIS_ROOT, START_MS);
    }

    function test_revertsIfTheChainIdIsTooLarge() public {
        vm.chainId(1 << 53);
        vm.expectRevert(abi.encodeWithSelector(IRollup.ChainIdTooLarge.selector, 1 << 53));
        new Rollup(token, verifier, OPERATOR, GENESIS_ROOT, START_MS);
    }

    function test_depositOpensOneAccountPerAddress() public {
        vm.expectEmit();
        emit IRollup.AccountOpened(1, ALICE);
        assertEq(_deposit(ALICE, 10), 0);
        assertEq(_deposit(BOB, 20), 1);
        assertEq(_deposit(ALICE, 30), 2);
        assertEq(rollup.accountOf(ALICE), 1);
        assertEq(rollup.accountOf(BOB), 2);
        assertEq(rollup.accounts(), 2);
        assertEq(rollup.requestsQueued(), 3);
        assertEq(rollup.escrow(), 60);
        assertEq(token.balanceOf(address(rollup)), 60);
    }

    function test_depositQueuesItsTwelveWords() public {
        uint64[5] memory key = [uint64(1), 2, 3, 4, uint64(Schema.P - 1)];
        bytes memory words = abi.encodePacked(
            uint64(1), uint64(1), _owner(ALICE), uint64(77), uint64(255), uint64(1), uint64(2)
        );
        words = abi.encodePacked(words, uint64(3), uint64(4), uint64(Schema.P - 1));
        assertEq(words.length, 96);
        bytes32 chain = keccak256(abi.encodePacked(bytes32(0), words));
        vm.expectEmit();
        emit IRollup.AccountOpened(1, ALICE);
        vm.expectEmit();
        emit IRollup.RequestQueued(0, 1, ALICE, words, chain, uint64(block.timestamp));
        vm.prank(ALICE);
        (uint64 number, uint32 account) = rollup.deposit(77, 255, key);
        assertEq(number, 0);
        assertEq(account, 1);
        (bytes32 stored, uint64 timeS) = rollup.requestOf(0);
        assertEq(stored, chain);
        assertEq(timeS, block.timestamp);
    }

    function test_requestWithdrawalQueuesItsTwelveWords() public {
        _deposit(ALICE, 10);
        (bytes32 first,) = rollup.requestOf(0);
        vm.warp(block.timestamp + 13);
        bytes memory words =
            abi.encodePacked(uint64(2), uint64(1), _owner(ALICE), uint64(5), new bytes(48));
        bytes32 chain = keccak256(abi.encodePacked(first, words));
        vm.expectEmit();
        emit IRollup.RequestQueued(1, 1, ALICE, words, chain, uint64(block.timestamp));
        vm.prank(ALICE);
        assertEq(rollup.requestWithdrawal(5), 1);
        (bytes32 stored, uint64 timeS) = rollup.requestOf(1);
        assertEq(stored, chain);
        assertEq(timeS, block.timestamp);
        assertEq(rollup.escrow(), 10);
    }

    function test_fuzz_theChainOfAnyQueue(uint64[8] calldata amounts, uint256 kinds) public {
        bytes32 chain;
        _deposit(BOB, 1);
        (chain,) = rollup.requestOf(0);
        for (uint256 i = 0; i < amounts.length; ++i) {
            uint64 amount = uint64(1 + amounts[i] % (Schema.AMOUNT_MAX / 16));
            bool deposits = (kinds >> i) & 1 == 0;
            if (deposits) {
                _deposit(BOB, amount);
            } else {
                vm.prank(BOB);
                rollup.requestWithdrawal(amount);
            }
            bytes memory words = abi.encodePacked(
                uint64(deposits ? 1 : 2), uint64(1), _owner(BOB), amount, new bytes(48)
            );
            chain = keccak256(abi.encodePacked(chain, words));
            (bytes32 stored,) = rollup.requestOf(uint64(i + 1));
            assertEq(stored, chain);
        }
    }

    function test_revertsIfTheAmountIsOutOfRange() public {
        uint256 most = Schema.AMOUNT_MAX;
        _deposit(ALICE, most);
        bytes4 selector = IRollup.AmountOutOfRange.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, 0, 1, most));
        _deposit(ALICE, 0);
        vm.expectRevert(abi.encodeWithSelector(selector, most + 1, 1, most));
        _deposit(ALICE, most + 1);
        vm.prank(ALICE);
        rollup.requestWithdrawal(most);
        vm.prank(ALICE);
        rollup.requestWithdrawal(0);
        vm.expectRevert(abi.encodeWithSelector(selector, most + 1, 0, most));
        vm.prank(ALICE);
        rollup.requestWithdrawal(most + 1);
    }

    function test_revertsIfALimbIsNotCanonical() public {
        for (uint256 i = 0; i < 5; ++i) {
            uint64[5] memory key;
            key[i] = uint64(Schema.P);
            vm.expectRevert(
                abi.encodeWithSelector(IRollup.KeyNotCanonical.selector, i, uint64(Schema.P))
            );
            vm.prank(ALICE);
            rollup.deposit(1, 0, key);
        }
    }

    function test_revertsIfTheSenderHasNoAccount() public {
        vm.expectRevert(abi.encodeWithSelector(IRollup.NoAccount.selector, ALICE));
        vm.prank(ALICE);
        rollup.requestWithdrawal(1);
    }

    function test_revertsIfAccountsAreUsedUp() public {
        // Slot 0: requestsQueued in the low 64 bits, accounts in the 32 above.
        vm.store(address(rollup), 0, bytes32(uint256(Schema.ACCOUNT_MAX) << 64));
        assertEq(rollup.accounts(), Schema.ACCOUNT_MAX);
        vm.expectRevert(IRollup.AccountsUsedUp.selector);
        _deposit(ALICE, 1);
    }

    function test_revertsIfARequestIsAskedForThatIsNotThere() public {
        vm.expectRevert(abi.encodeWithSelector(IRollup.RequestsNotQueued.selector, 1, 0));
        rollup.requestOf(0);
    }

    function test_revertsIfNothingIsToClaim() public {
        vm.expectRevert(abi.encodeWithSelector(IRollup.NothingToClaim.selector, ALICE));
        vm.prank(ALICE);
        rollup.claim();
    }

    function test_revertsIfTheTokenDoesNotMove() public {
        vm.expectRevert(abi.encodeWithSelector(IRollup.TransferFailed.selector, 7));
        vm.prank(address(3));
        rollup.deposit(7, 0, _noKey());
        assertEq(rollup.requestsQueued(), 0);
        assertEq(rollup.accounts(), 0);
    }

    function test_revertsIfTheTokenSaysFalseOrHalfAnAnswer() public {
        _useToken(new FalseToken());
        vm.expectRevert(abi.encodeWithSelector(IRollup.TransferFailed.selector, 9));
        _deposit(ALICE, 9);
        _useToken(new ShortToken());
        vm.expectRevert(abi.encodeWithSelector(IRollup.TransferFailed.selector, 9));
        _deposit(ALICE, 9);
    }

    function test_aTokenThatReturnsNothingIsTaken() public {
        _useToken(new SilentToken());
        _deposit(ALICE, 9);
        _credit(ALICE, 9);
        vm.prank(ALICE);
        assertEq(rollup.claim(), 9);
        assertEq(rollup.TOKEN().balanceOf(ALICE), RICH);
    }

    function test_revertsIfTheTokenTakesAFee() public {
        FeeToken fee = new FeeToken();
        _useToken(fee);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongTransferAmount.selector, 9, 0, 8));
        _deposit(ALICE, 9);
        fee.charge(false);
        _deposit(ALICE, 9);
    }

    function test_revertsIfTheTokenReenters() public {
        ReenteringToken odd = new ReenteringToken();
        _useToken(odd);
        _deposit(ALICE, 9);
        _credit(ALICE, 9);
        bytes[2] memory calls =
            [abi.encodeCall(IRollup.deposit, (1, 0, _noKey())), abi.encodeCall(IRollup.claim, ())];
        for (uint256 i = 0; i < 2; ++i) {
            odd.reenter(rollup, calls[i]);
            _deposit(ALICE, 5);
            assertEq(odd.answer(), abi.encodeWithSelector(IRollup.Reentered.selector));
        }
        vm.prank(ALICE);
        rollup.claim();
        assertEq(odd.answer(), abi.encodeWithSelector(IRollup.Reentered.selector));
        // The lock is open again.
        odd.reenter(rollup, "");
        _deposit(ALICE, 5);
        assertEq(odd.balanceOf(address(rollup)), 15);
    }

    function _useToken(OddToken odd) private {
        rollup = new Rollup(odd, verifier, OPERATOR, GENESIS_ROOT, START_MS);
        odd.mint(ALICE, RICH);
        vm.prank(ALICE);
        odd.approve(address(rollup), type(uint256).max);
    }

    function _credit(address owner, uint64 amount) private {
        Batch memory batch = _next();
        _addWithdrawal(batch, owner, amount);
        _submit(batch);
    }
}

/// @notice The collateral of local chains.
contract DevTokenTest is RollupTest {
    function test_isAnErc20OfSixDecimals() public {
        assertEq(token.decimals(), 6);
        assertEq(token.totalSupply(), 2 * RICH);
        vm.prank(ALICE);
        token.transfer(BOB, 5);
        assertEq(token.balanceOf(ALICE), RICH - 5);
        assertEq(token.balanceOf(BOB), RICH + 5);
    }

    function test_revertsIfBalanceOrAllowanceIsTooLow() public {
        vm.expectRevert(
            abi.encodeWithSelector(DevToken.BalanceTooLow.selector, ALICE, RICH, RICH + 1)
        );
        vm.prank(ALICE);
        token.transfer(BOB, RICH + 1);
        vm.prank(ALICE);
        token.approve(address(this), 4);
        token.transferFrom(ALICE, BOB, 3);
        assertEq(token.allowance(ALICE, address(this)), 1);
        vm.expectRevert(
            abi.encodeWithSelector(DevToken.AllowanceTooLow.selector, ALICE, address(this), 1, 2)
        );
        token.transferFrom(ALICE, BOB, 2);
    }
}
