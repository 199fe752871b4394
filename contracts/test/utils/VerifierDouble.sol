// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IProgramVerifier} from "../../src/interfaces/IProgramVerifier.sol";

/// @title Stands for the verifier in tests of Rollup: accepts exactly what was allowed before.
/// @notice That a real proof is needed is tested with the real verifier, on a real chain.
contract VerifierDouble is IProgramVerifier {
    error Refused();

    bytes32 public constant PROGRAM_DIGEST = keccak256("a program");
    mapping(bytes32 arguments => bool) private _allowed;
    bool private _answersFalse;

    function allow(bytes calldata arguments) external {
        _allowed[keccak256(arguments)] = true;
    }

    function answerFalse() external {
        _answersFalse = true;
    }

    function verify(
        uint32 finalAp,
        uint32[] calldata used,
        bytes calldata roots,
        bytes calldata output,
        bytes calldata proof
    ) external view returns (bool) {
        if (!_allowed[keccak256(abi.encode(finalAp, used, roots, output, proof))]) revert Refused();
        return !_answersFalse;
    }
}
