// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AddressWords} from "./AddressWords.sol";
import {OutputLayout, Schema} from "./generated/Schema.sol";

/// @title The output words of a batch, read from calldata (docs/spec/batch.md § 1).
/// @notice Fixed words, then section R (requests), W (withdrawal records), C (commands). That each
/// word is below p is the proof verifier's check (verifier/PublicColumn.sol: it evaluates every
/// word of the public column, and refuses one at or above p with NonCanonical).
/// @dev A read outside the data reverts: calldata slices are checked.
library BatchData {
    /// @notice Word `index`.
    function word(bytes calldata data, uint256 index) internal pure returns (uint64) {
        return uint64(bytes8(data[8 * index:8 * index + 8]));
    }

    /// @notice The four words from `index` on, as one.
    function digest(bytes calldata data, uint256 index) internal pure returns (bytes32) {
        return bytes32(data[8 * index:8 * index + 32]);
    }

    /// @notice How many bytes the data must have by their own counts; at least the fixed words.
    function expectedLength(bytes calldata data) internal pure returns (uint256) {
        if (data.length < 8 * OutputLayout.WORDS) return 8 * OutputLayout.WORDS;
        return 8
            * (OutputLayout.WORDS
                + Schema.REQUEST_WORDS
                * uint256(word(data, OutputLayout.REQUESTS_COUNT))
                + Schema.WITHDRAWAL_WORDS
                * uint256(word(data, OutputLayout.WITHDRAWALS_COUNT))
                + word(data, OutputLayout.COMMAND_WORDS));
    }

    /// @notice The 12 words of the batch's request `index`.
    function request(bytes calldata data, uint256 index) internal pure returns (bytes calldata) {
        uint256 start = 8 * (OutputLayout.WORDS + Schema.REQUEST_WORDS * index);
        return data[start:start + 8 * Schema.REQUEST_WORDS];
    }

    /// @notice Withdrawal record `index`, of data as long as expected.
    /// @return owner Who is paid.
    /// @return amount How much.
    /// @return valid Whether the words are an address and an amount above 0.
    function withdrawal(bytes calldata data, uint256 index)
        internal
        pure
        returns (address owner, uint64 amount, bool valid)
    {
        uint256 start = OutputLayout.WORDS + Schema.REQUEST_WORDS
            * uint256(word(data, OutputLayout.REQUESTS_COUNT)) + Schema.WITHDRAWAL_WORDS * index;
        (owner, valid) =
            AddressWords.join(word(data, start), word(data, start + 1), word(data, start + 2));
        amount = word(data, start + 3);
        valid = valid && amount > 0 && amount <= Schema.AMOUNT_MAX;
    }
}
