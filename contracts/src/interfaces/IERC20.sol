// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What we use of ERC-20 (EIP-20).
interface IERC20 {
    /// @notice Tokens moved. `from` is zero when they are made.
    event Transfer(address indexed from, address indexed to, uint256 amount);
    /// @notice `spender` may now move `amount` tokens of `owner`.
    event Approval(address indexed owner, address indexed spender, uint256 amount);

    /// @notice Moves the sender's tokens.
    function transfer(address to, uint256 amount) external returns (bool);
    /// @notice Lets `spender` move up to `amount` of the sender's tokens.
    function approve(address spender, uint256 amount) external returns (bool);
    /// @notice Moves tokens of `from` within what it has approved for the sender.
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    /// @notice Tokens of `account`.
    function balanceOf(address account) external view returns (uint256);
    /// @notice What `spender` may still move of `owner`'s tokens.
    function allowance(address owner, address spender) external view returns (uint256);
}
