// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cubic} from "./Cubic.sol";
import {Deployment} from "./Deployment.sol";
import {
    ConstraintIdentity,
    NonCanonical,
    WrongLength,
    WrongPublicValues,
    WrongShapeData
} from "./Errors.sol";
import {FractionTree} from "./FractionTree.sol";
import {IStarkVerifier} from "./IStarkVerifier.sol";
import {Memory} from "./Memory.sol";
import {Multilinear} from "./Multilinear.sol";
import {PublicColumn} from "./PublicColumn.sol";
import {ShapeData} from "./ShapeData.sol";
import {Transcript, TranscriptLib} from "./Transcript.sol";
import {Whir, WhirState} from "./Whir.sol";
import {Zerocheck} from "./Zerocheck.sol";

/// @title Verifier of proofs of one shape of one machine.
/// @notice Everything but the proof and the public values is fixed at deployment: the shape's data
/// hold the AIRs' constraints as a program, the parameters and all transcript seeds, and their hash
/// is checked once. Steps in order: lookup fractions, zerocheck, constraint identity at the random
/// point, commitment opening. docs/spec/proof-format.md is the specification.
contract StarkVerifier is IStarkVerifier {
    /// @dev Index of the contracts that hold the shape.
    address private immutable INDEX;
    FractionTree private immutable FRACTION_TREE;

    /// @dev No table has 2^COLUMN_BITS columns: the generator refuses one.
    uint256 private constant COLUMN_BITS = 8;

    /// @dev State of one verification.
    struct Run {
        Transcript t;
        uint256 shape;
        /// Array of the program contracts' addresses.
        uint256 programs;
        uint256 programCount;
        /// The register file; openings, challenges and the zerocheck's point live in it.
        uint256 registers;
        uint256 root;
        /// The lookup's point and its variables.
        uint256 leafPoint;
        uint256 lookupVariables;
        /// Values that tie lookup and zerocheck.
        uint256 link;
        uint256 eta;
        uint256 tableBatching;
        uint256 tau;
        uint256 claim;
        /// Address of the zerocheck's point, and its length.
        uint256 point;
        uint256 pointLength;
        /// Challenge that batches the column claims and the first out-of-domain claims, those claims.
        uint256 alpha;
        uint256 oods;
    }

    /// @param data The data contracts in order.
    /// @param programs The program contracts in order.
    /// @param digest Digest over both, as the generator printed it.
    constructor(address[] memory data, address[] memory programs, bytes32 digest) {
        if (Deployment.digest(data, programs) != digest) revert WrongShapeData();
        INDEX = Deployment.write(data, programs);
        FRACTION_TREE = new FractionTree();
    }

    /// @inheritdoc IStarkVerifier
    function verify(bytes calldata publicValues, bytes calldata proof)
        external
        view
        returns (bool)
    {
        Run memory run = _start(publicValues, proof);
        _lookup(run, proof);
        _zerocheck(run);
        uint256 sigma = _openings(run);
        _identity(run, publicValues);
        WhirState memory w = Whir.rounds(run.t, run.shape, sigma, run.root);
        Whir.finish(w, _columnWeight(run, w.point));
        unchecked {
            uint256 start;
            assembly ("memory-safe") {
                start := proof.offset
            }
            if (run.t.cursor != start + proof.length) {
                revert WrongLength(proof.length, run.t.cursor - start);
            }
        }
        return true;
    }

    /// @dev The shape's data in memory, and the array of its programs.
    function _load() private view returns (uint256 shape, uint256 programs, uint256 count) {
        uint256 data;
        uint256 dataCount;
        (data, dataCount, programs, count) = Deployment.read(INDEX);
        shape = ShapeData.load(data, dataCount);
    }

    /// @dev Loads the shape, starts the transcript from statement digest and public values, reads
    /// the commitment.
    function _start(bytes calldata publicValues, bytes calldata proof)
        private
        view
        returns (Run memory run)
    {
        unchecked {
            uint256 shape;
            (shape, run.programs, run.programCount) = _load();
            run.shape = shape;
            uint256 length = publicValues.length;
            uint256 rows = 1 << ShapeData.get(shape, ShapeData.PUBLIC_LOG_ROWS);
            if (length % 8 != 0 || length / 8 > rows) revert WrongPublicValues(length);
            bytes32 initial;
            uint256 cursor;
            assembly ("memory-safe") {
                let scratch := mload(0x40)
                mstore(scratch, mload(shape))
                calldatacopy(add(scratch, 32), publicValues.offset, length)
                initial := keccak256(scratch, add(length, 32))
                cursor := proof.offset
            }
            run.t = TranscriptLib.start(
                initial,
                cursor,
                ShapeData.get(shape, ShapeData.DIGEST_BYTES),
                ShapeData.get(shape, ShapeData.PENDING_CAPACITY)
            );
            run.registers = Memory.allocate(ShapeData.get(shape, ShapeData.REGISTERS));
            _seed(run, ShapeData.SEED_STATEMENT);
            run.root = run.t.root();
        }
    }

    /// @dev A part of the shape's data as a byte array.
    function _bytes(uint256 shape, uint256 field) private pure returns (bytes memory data) {
        uint256 source = ShapeData.locate(shape, field);
        uint256 length = ShapeData.get(shape, field + 1);
        data = new bytes(length);
        assembly ("memory-safe") {
            mcopy(add(data, 32), source, length)
        }
    }

    /// @dev Absorbs the seed at header field `field`, whose length is the next field.
    function _seed(Run memory run, uint256 field) private pure {
        unchecked {
            uint256 seed = ShapeData.locate(run.shape, field);
            run.t.absorb(seed, ShapeData.get(run.shape, field + 1));
        }
    }

    /// @dev The fraction tree; leaves the value that the zerocheck must confirm.
    /// link = N(q) + theta (D(q) - 1): unused leaves are 0 / 1 and contribute nothing.
    function _lookup(Run memory run, bytes calldata proof) private view {
        unchecked {
            uint256 variables = ShapeData.get(run.shape, ShapeData.LOOKUP_VARIABLES);
            run.lookupVariables = variables;
            if (variables == 0) return;
            _seed(run, ShapeData.SEED_LOOKUP);
            Memory.set(run.registers, 0, run.t.challenge());
            Memory.set(run.registers, 1, run.t.challenge());
            uint256 length = 24 * (1 + 4 * variables + 3 * variables * (variables - 1) / 2);
            uint256 start = ShapeData.get(run.shape, ShapeData.DIGEST_BYTES);
            if (proof.length < start + length) revert WrongLength(proof.length, start + length);
            (bytes32 state, uint256[] memory leafPoint, uint256 numerator, uint256 denominator) = FRACTION_TREE.verify(
                bytes32(Memory.get(run.t.state, 0)),
                _bytes(run.shape, ShapeData.SEED_FRACTIONS),
                variables,
                proof[start:start + length]
            );
            Memory.set(run.t.state, 0, uint256(state));
            run.t.cursor += length;
            uint256 point;
            assembly ("memory-safe") {
                point := add(leafPoint, 32)
            }
            uint256 theta = run.t.challenge();
            Memory.set(run.registers, 2, theta);
            run.leafPoint = point;
            run.link = Cubic.reduce(numerator + Cubic.mul(theta, denominator + Cubic.P - 1));
        }
    }

    /// @dev Challenges of the zerocheck and its sumcheck.
    function _zerocheck(Run memory run) private pure {
        unchecked {
            uint256 shape = run.shape;
            _seed(run, ShapeData.SEED_ZEROCHECK);
            Memory.set(run.registers, 3, run.t.challenge());
            run.tableBatching = run.t.challenge();
            uint256 claimedSum = 0;
            if (run.lookupVariables > 0) {
                run.eta = run.t.challenge();
                claimedSum = Cubic.mul(run.eta, run.link);
            }
            uint256 rounds = ShapeData.get(shape, ShapeData.ZEROCHECK_ROUNDS);
            uint256 free = rounds - run.lookupVariables;
            run.tau = Memory.allocate(rounds);
            for (uint256 i = 0; i < free; ++i) {
                Memory.set(run.tau, i, run.t.nonzeroChallenge());
            }
            for (uint256 i = free; i < rounds; ++i) {
                Memory.set(run.tau, i, Memory.get(run.leafPoint, i - free));
            }
            _seed(run, ShapeData.SEED_ZEROCHECK_SUMCHECK);
            run.t.absorbElement(claimedSum);
            run.pointLength = rounds;
            run.point = run.registers + 32 * ShapeData.get(shape, ShapeData.REGISTER_POINT);
            run.claim = Zerocheck.sumcheck(
                run.t,
                claimedSum,
                rounds,
                ShapeData.get(shape, ShapeData.ZEROCHECK_DEGREE),
                ShapeData.locate(shape, ShapeData.INVERSE_FACTORIALS),
                run.point
            );
        }
    }

    /// @dev Reads the first out-of-domain answers and every opened value; batches them into one
    /// claim with the powers alpha^0, alpha^1, .. over the tables in placement order, a table's
    /// current values before its next ones, the out-of-domain answers last.
    function _openings(Run memory run) private pure returns (uint256 sigma) {
        unchecked {
            uint256 shape = run.shape;
            uint256 oods = ShapeData.get(shape, ShapeData.INITIAL_OODS);
            run.oods = Memory.allocate(2 * oods);
            for (uint256 i = 0; i < oods; ++i) {
                _seed(run, ShapeData.SEED_OOD);
                Memory.set(run.oods, 2 * i, run.t.challenge());
                Memory.set(run.oods, 2 * i + 1, run.t.element());
            }
            _readOpenings(run);
            _seed(run, ShapeData.SEED_WHIR);
            uint256 alpha = run.t.challenge();
            run.alpha = alpha;
            uint256 register =
                run.registers + 32 * ShapeData.get(shape, ShapeData.REGISTER_OPENINGS);
            for (uint256 i = oods; i-- > 0;) {
                sigma = Memory.get(run.oods, 2 * i + 1) + Cubic.mul(sigma, alpha);
            }
            // The placement list names the claims' registers, in the order of their powers.
            uint256 placement = ShapeData.locate(shape, ShapeData.PLACEMENT);
            for (uint256 i = ShapeData.get(shape, ShapeData.COLUMN_CLAIMS); i-- > 0;) {
                uint256 value = Memory.get(register, ShapeData.field(placement, i));
                sigma = value + Cubic.mul(sigma, alpha);
            }
            sigma = Cubic.reduce(sigma);
        }
    }

    /// @dev Each table's opened values, current then next, into the registers in AIR order.
    function _readOpenings(Run memory run) private pure {
        unchecked {
            uint256 shape = run.shape;
            uint256 record = ShapeData.locate(shape, ShapeData.TABLE_RECORDS);
            uint256 tables = ShapeData.get(shape, ShapeData.TABLES);
            uint256 register =
                run.registers + 32 * ShapeData.get(shape, ShapeData.REGISTER_OPENINGS);
            for (uint256 i = 0; i < tables; ++i) {
                uint256 seed = shape + ShapeData.field(record, ShapeData.TABLE_SEED);
                run.t.absorb(seed, ShapeData.field(record, ShapeData.TABLE_SEED + 1));
                uint256 count = ShapeData.field(record, ShapeData.TABLE_WIDTH)
                    + ShapeData.field(record, ShapeData.TABLE_NEXT_COUNT);
                uint256 cursor = run.t.absorbProof(24 * count);
                for (uint256 j = 0; j < count; ++j) {
                    Memory.set(register, j, TranscriptLib.read(cursor + 24 * j));
                }
                register += 32 * count;
                record += ShapeData.TABLE_RECORD_BYTES;
            }
        }
    }

    /// @dev The closing check of the zerocheck: the claim equals eq(tau, point) times the sum over
    /// the tables of beta_c^i C_i + eta I_i. The program gives every C_i and every bus message's
    /// term; I_i is the terms' sum weighted by their places among the leaves.
    function _identity(Run memory run, bytes calldata publicValues) private view {
        unchecked {
            uint256 shape = run.shape;
            uint256 registers = run.registers;
            _loadConstants(shape, registers);
            uint256 rows = ShapeData.get(shape, ShapeData.PUBLIC_LOG_ROWS);
            uint256 publicPoint = run.point + 32 * (run.pointLength - rows);
            Memory.set(
                registers,
                ShapeData.get(shape, ShapeData.REGISTER_PUBLIC),
                PublicColumn.evaluate(publicValues, publicPoint, rows)
            );
            _runPrograms(run);
            uint256 results = registers + 32 * ShapeData.get(shape, ShapeData.REGISTER_TABLES);
            uint256 sum = 0;
            for (uint256 i = ShapeData.get(shape, ShapeData.TABLES); i-- > 0;) {
                sum = Memory.get(results, i) + Cubic.mul(sum, run.tableBatching);
            }
            sum += Cubic.mul(run.eta, _messages(run));
            uint256 weight = Multilinear.eq(run.tau, run.point, run.pointLength);
            if (!Cubic.equal(run.claim, Cubic.mul(weight, sum))) revert ConstraintIdentity();
        }
    }

    /// @dev Calls the program contracts in turn: each takes the register file and returns it with
    /// its results filled in.
    function _runPrograms(Run memory run) private view {
        unchecked {
            uint256 registers = run.registers;
            uint256 size = 32 * ShapeData.get(run.shape, ShapeData.REGISTERS);
            for (uint256 i = 0; i < run.programCount; ++i) {
                uint256 program = Memory.get(run.programs, i);
                bool success;
                assembly ("memory-safe") {
                    success := staticcall(gas(), program, registers, size, registers, size)
                    success := and(success, eq(returndatasize(), size))
                }
                if (!success) revert WrongShapeData();
            }
        }
    }

    function _loadConstants(uint256 shape, uint256 registers) private pure {
        unchecked {
            uint256 source = ShapeData.locate(shape, ShapeData.CONSTANTS);
            uint256 target = registers + 32 * ShapeData.get(shape, ShapeData.REGISTER_CONSTANTS);
            uint256 count = ShapeData.get(shape, ShapeData.CONSTANT_COUNT);
            for (uint256 i = 0; i < count; ++i) {
                Memory.set(target, i, Memory.get(source + 8 * i, 0) >> 192);
            }
        }
    }

    /// @dev Sum over all bus messages of eq(block, lookup point) * term. A table's messages occupy
    /// consecutive blocks of its height.
    function _messages(Run memory run) private pure returns (uint256 sum) {
        unchecked {
            uint256 shape = run.shape;
            uint256 record = ShapeData.locate(shape, ShapeData.ACTIVE_RECORDS);
            uint256 terms = run.registers + 32 * ShapeData.get(shape, ShapeData.REGISTER_TERMS);
            for (uint256 i = ShapeData.get(shape, ShapeData.ACTIVE); i > 0; --i) {
                uint256 prefix =
                    run.lookupVariables - ShapeData.field(record, ShapeData.ACTIVE_LOG_ROWS);
                uint256 count = ShapeData.field(record, ShapeData.ACTIVE_MESSAGES);
                sum += Multilinear.slots(
                    terms,
                    ShapeData.field(record, ShapeData.ACTIVE_FIRST_BLOCK),
                    count,
                    run.leafPoint + 32 * prefix - 32,
                    type(uint256).max - 31,
                    prefix
                );
                terms += 32 * count;
                record += ShapeData.ACTIVE_RECORD_BYTES;
            }
        }
    }

    /// @dev Weight of all column claims and first out-of-domain claims at the commitment's point:
    /// a table's columns share the row part and differ in their slot.
    function _columnWeight(Run memory run, uint256 point) private pure returns (uint256 weight) {
        unchecked {
            uint256 shape = run.shape;
            uint256 variables = ShapeData.get(shape, ShapeData.VARIABLES);
            uint256 claims = ShapeData.get(shape, ShapeData.COLUMN_CLAIMS);
            uint256 placed = ShapeData.locate(shape, ShapeData.PLACEMENT) + 4 * claims;
            uint256 squares = _squares(run.alpha);
            uint256 power = 1;
            uint256 part;
            for (uint256 i = ShapeData.get(shape, ShapeData.TABLES); i > 0; --i) {
                uint256 record = ShapeData.locate(shape, ShapeData.TABLE_RECORDS)
                    + ShapeData.TABLE_RECORD_BYTES * ShapeData.field(placed, 0);
                (part, power) = _tableWeight(run, point, variables, record, squares, power);
                weight += part;
                placed += 4;
            }
            uint256 oods = ShapeData.get(shape, ShapeData.INITIAL_OODS);
            for (uint256 i = 0; i < oods; ++i) {
                uint256 value = Multilinear.eqPowers(Memory.get(run.oods, 2 * i), point, variables);
                weight += Cubic.mul(power, value);
                power = Cubic.mul(power, run.alpha);
            }
            weight = Cubic.reduce(weight);
        }
    }

    /// @dev alpha^(2^i), as many as a column count has bits.
    function _squares(uint256 alpha) private pure returns (uint256 squares) {
        unchecked {
            squares = Memory.allocate(COLUMN_BITS);
            for (uint256 i = 0; i < COLUMN_BITS; ++i) {
                Memory.set(squares, i, alpha);
                alpha = Cubic.mul(alpha, alpha);
            }
        }
    }

    /// @dev `power` times alpha^count.
    function _advance(uint256 power, uint256 squares, uint256 count)
        private
        pure
        returns (uint256)
    {
        unchecked {
            for (; count > 0; count >>= 1) {
                if (count & 1 == 1) power = Cubic.mul(power, Memory.get(squares, 0));
                squares += 32;
            }
            return power;
        }
    }

    /// @dev One table's part: the powers of its columns at their slots, times the weight of the row,
    /// plus the same for the next values; `power` is its first one. Also the power behind its last.
    function _tableWeight(
        Run memory run,
        uint256 point,
        uint256 variables,
        uint256 record,
        uint256 squares,
        uint256 power
    ) private pure returns (uint256 weight, uint256) {
        unchecked {
            uint256 rows = ShapeData.field(record, ShapeData.TABLE_LOG_ROWS);
            uint256 slot = ShapeData.field(record, ShapeData.TABLE_FIRST_SLOT);
            uint256 columns = run.shape + ShapeData.field(record, ShapeData.TABLE_NEXT_COLUMNS);
            uint256 end = columns + 4 * ShapeData.field(record, ShapeData.TABLE_NEXT_COUNT);
            // All columns are the first run; the next values' columns are some more.
            uint256 column = 0;
            uint256 count = ShapeData.field(record, ShapeData.TABLE_WIDTH);
            uint256 next = 0;
            for (bool isCurrent = true; count > 0; isCurrent = false) {
                uint256 sum = Multilinear.geometric(
                    squares, slot + column, count, point + 32 * rows, variables - rows
                );
                sum = Cubic.mul(power, sum);
                if (isCurrent) weight = sum;
                else next += sum;
                power = _advance(power, squares, count);
                column = ShapeData.field(columns, 0);
                count = _run(columns, end, column);
                columns += 4 * count;
            }
            uint256 opened = run.point + 32 * (run.pointLength - rows);
            (uint256 equal, uint256 successor) = Multilinear.eqAndSuccessor(opened, point, rows);
            weight = Cubic.mul(equal, weight) + Cubic.mul(successor, next);
            return (weight, power);
        }
    }

    /// @dev How many numbers from `columns` on, before `end`, are `column`, `column` + 1, ..
    function _run(uint256 columns, uint256 end, uint256 column)
        private
        pure
        returns (uint256 count)
    {
        unchecked {
            while (columns < end && ShapeData.field(columns, 0) == column + count) {
                columns += 4;
                ++count;
            }
        }
    }
}
