// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Schema} from "../src/generated/Schema.sol";
import {RollupTest} from "./utils/RollupTest.sol";

/// @notice The contract always holds exactly what it owes, whatever the order of calls.
contract RollupMoneyTest is RollupTest {
    address[4] private _owners = [ALICE, BOB, address(0xca01), address(0xdabe)];

    function setUp() public override {
        super.setUp();
        _fund(_owners[2]);
        _fund(_owners[3]);
    }

    function test_fuzz_creditsAndEscrowAreTheBalance(uint256[16] calldata steps) public {
        for (uint256 i = 0; i < steps.length; ++i) {
            uint256 step = steps[i];
            address owner = _owners[(step >> 8) % 4];
            uint64 amount = uint64(1 + (step >> 16) % (Schema.AMOUNT_MAX / 16));
            if (step % 4 == 0) _deposit(owner, amount);
            else if (step % 4 == 1) _withdraw(owner, amount);
            else if (step % 4 == 2) _claim(owner);
            else if (rollup.accountOf(owner) != 0) _request(owner, amount);
            _checkMoney();
        }
    }

    function _request(address owner, uint64 amount) private {
        uint64 queued = rollup.requestsQueued();
        vm.prank(owner);
        assertEq(rollup.requestWithdrawal(amount), queued);
    }

    function _claim(address owner) private {
        uint256 credit = rollup.creditOf(owner);
        if (credit == 0) return;
        uint256 balance = token.balanceOf(owner);
        vm.prank(owner);
        assertEq(rollup.claim(), credit);
        assertEq(token.balanceOf(owner), balance + credit);
        assertEq(rollup.creditOf(owner), 0);
    }

    function _withdraw(address owner, uint64 amount) private {
        Batch memory batch = _next();
        uint256 escrow = rollup.escrow();
        if (escrow > 1) {
            amount = uint64(1 + amount % (escrow / 2));
            _addWithdrawal(batch, owner, amount);
            _addWithdrawal(batch, _owners[0], amount);
        }
        _submit(batch);
    }

    function _checkMoney() private view {
        uint256 credits;
        for (uint256 i = 0; i < 4; ++i) {
            credits += rollup.creditOf(_owners[i]);
        }
        assertEq(rollup.escrow() + credits, token.balanceOf(address(rollup)));
    }
}
