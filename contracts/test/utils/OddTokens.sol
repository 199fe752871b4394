// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "../../src/interfaces/IERC20.sol";
import {IRollup} from "../../src/interfaces/IRollup.sol";

/// @notice A base for tokens that behave in one way of their own.
abstract contract OddToken is IERC20 {
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return _answer();
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
        return _answer();
    }

    function _move(address from, address to, uint256 amount) internal virtual {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }

    function _answer() internal virtual returns (bool) {
        return true;
    }
}

/// @notice Keeps one unit of each transfer once told to.
contract FeeToken is OddToken {
    bool public charges = true;

    function charge(bool charges_) external {
        charges = charges_;
    }

    function _move(address from, address to, uint256 amount) internal override {
        balanceOf[from] -= amount;
        balanceOf[to] += charges ? amount - 1 : amount;
    }
}

/// @notice Moves tokens and says that it did not.
contract FalseToken is OddToken {
    function _answer() internal pure override returns (bool) {
        return false;
    }
}

/// @notice Returns nothing, as some old tokens do.
contract SilentToken is OddToken {
    function _answer() internal pure override returns (bool) {
        assembly ("memory-safe") {
            return(0, 0)
        }
    }
}

/// @notice Returns one byte.
contract ShortToken is OddToken {
    function _answer() internal pure override returns (bool) {
        assembly ("memory-safe") {
            mstore(0, not(0))
            return(0, 1)
        }
    }
}

/// @notice Calls the rollup back from within a transfer, and goes on whatever it answers.
contract ReenteringToken is OddToken {
    IRollup private _rollup;
    bytes private _call;
    /// @notice What the rollup answered last.
    bytes public answer;

    function reenter(IRollup rollup, bytes calldata call_) external {
        (_rollup, _call, answer) = (rollup, call_, "");
    }

    function _move(address from, address to, uint256 amount) internal override {
        if (_call.length > 0) (, answer) = address(_rollup).call(_call);
        super._move(from, to, amount);
    }
}
