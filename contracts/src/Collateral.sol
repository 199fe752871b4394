// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "./interfaces/IERC20.sol";
import {IRollup} from "./interfaces/IRollup.sol";

/// @title Moves the collateral token, exactly.
/// @notice Takes tokens that return nothing, refuses those that return false, and refuses any move
/// that changes our balance by another amount (fees, rebases in between).
library Collateral {
    /// @notice Takes `amount` of `from`'s tokens, which it has approved.
    function pull(IERC20 token, address from, uint256 amount) internal {
        uint256 held = token.balanceOf(address(this));
        _call(token, abi.encodeCall(IERC20.transferFrom, (from, address(this), amount)), amount);
        uint256 holds = token.balanceOf(address(this));
        if (holds < held || holds - held != amount) {
            revert IRollup.WrongTransferAmount(amount, held, holds);
        }
    }

    /// @notice Pays `amount` to `to`.
    function push(IERC20 token, address to, uint256 amount) internal {
        uint256 held = token.balanceOf(address(this));
        _call(token, abi.encodeCall(IERC20.transfer, (to, amount)), amount);
        uint256 holds = token.balanceOf(address(this));
        if (holds > held || held - holds != amount) {
            revert IRollup.WrongTransferAmount(amount, held, holds);
        }
    }

    /// @dev Succeeds if the call does and returns nothing, or true. That the token is a contract is
    /// checked by the `balanceOf` calls around it.
    function _call(IERC20 token, bytes memory data, uint256 amount) private {
        (bool success, bytes memory answer) = address(token).call(data);
        if (
            !success || (answer.length > 0 && (answer.length < 32 || uint256(bytes32(answer)) != 1))
        ) {
            revert IRollup.TransferFailed(amount);
        }
    }
}
