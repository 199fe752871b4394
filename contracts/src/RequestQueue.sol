// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchData} from "./BatchData.sol";

/// @title The queue of requests from L1: a keccak chain over their words.
/// @notice chain[0] = 0, chain[k + 1] = keccak256(chain[k] ‖ 12 words of 8 bytes). The block's time
/// stands beside a request, not in the chain: a reorganisation may change it.
library RequestQueue {
    using BatchData for bytes;

    /// @dev A request in storage: two slots.
    struct Link {
        /// The chain behind it.
        bytes32 chain;
        /// Its block's time, seconds.
        uint64 timeS;
    }

    /// @notice The chain before request `number`.
    function chainBefore(mapping(uint256 number => Link) storage queue, uint256 number)
        internal
        view
        returns (bytes32)
    {
        return number == 0 ? bytes32(0) : queue[number - 1].chain;
    }

    /// @notice Appends request `number`, the next one.
    /// @return chain The chain behind it.
    function append(
        mapping(uint256 number => Link) storage queue,
        uint256 number,
        bytes memory words
    ) internal returns (bytes32 chain) {
        chain = keccak256(abi.encodePacked(chainBefore(queue, number), words));
        queue[number] = Link(chain, uint64(block.timestamp));
    }

    /// @notice The chain `start` continued by the first `count` requests of a batch's data.
    function extend(bytes32 start, bytes calldata data, uint256 count)
        internal
        pure
        returns (bytes32 chain)
    {
        chain = start;
        for (uint256 i = 0; i < count; ++i) {
            chain = keccak256(abi.encodePacked(chain, data.request(i)));
        }
    }
}
