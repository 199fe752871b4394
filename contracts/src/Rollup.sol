// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AddressWords} from "./AddressWords.sol";
import {BatchData} from "./BatchData.sol";
import {Collateral} from "./Collateral.sol";
import {RequestQueue} from "./RequestQueue.sol";
import {OutputLayout, Schema} from "./generated/Schema.sol";
import {IERC20} from "./interfaces/IERC20.sol";
import {IProgramVerifier} from "./interfaces/IProgramVerifier.sol";
import {IRollup} from "./interfaces/IRollup.sol";

/// @title The venue's contract.
/// @notice Holds the collateral, queues requests, and advances the state root by proven batches.
/// Token, verifier, program and operator are fixed at deployment; nothing can be upgraded.
/// @dev Storage:
///
///   slot 0  requestsQueued (64) | accounts (32) | escrow (128)   changed by deposits and requests
///   slot 1  batchNumber (64) | requestsDone (64) | lastTimeMs (64)           changed by batches
///   slot 2  logChain
///   and the mappings rootOf, queue, accountOf, creditOf.
///
/// Invariant: escrow + Σ creditOf ≤ the token's balance; equal but for tokens sent here by mistake.
contract Rollup is IRollup {
    using BatchData for bytes;
    using Collateral for IERC20;
    using RequestQueue for mapping(uint256 number => RequestQueue.Link);

    /// @notice The collateral.
    IERC20 public immutable TOKEN;
    /// @notice The verifier of the batch program; it holds the program's digest.
    IProgramVerifier public immutable VERIFIER;
    /// @notice Who submits batches.
    address public immutable OPERATOR;

    /// @inheritdoc IRollup
    uint64 public requestsQueued;
    /// @inheritdoc IRollup
    uint32 public accounts;
    /// @inheritdoc IRollup
    uint128 public escrow;

    /// @inheritdoc IRollup
    uint64 public batchNumber;
    /// @inheritdoc IRollup
    uint64 public requestsDone;
    /// @inheritdoc IRollup
    uint64 public lastTimeMs;

    /// @inheritdoc IRollup
    bytes32 public logChain;
    /// @inheritdoc IRollup
    mapping(uint256 batch => bytes32) public rootOf;
    mapping(uint256 number => RequestQueue.Link) private _queue;
    /// @inheritdoc IRollup
    mapping(address owner => uint32) public accountOf;
    /// @inheritdoc IRollup
    mapping(address owner => uint256) public creditOf;

    /// @dev True while a call of ours moves tokens.
    bool private transient _moving;

    /// @dev Balances are read around a move of tokens: nothing of ours may move others meanwhile.
    modifier movesTokens() {
        if (_moving) revert Reentered();
        _moving = true;
        _;
        _moving = false;
    }

    /// @param token The collateral: an ERC-20 without fees on transfers.
    /// @param verifier The verifier of the batch program.
    /// @param operator Who submits batches.
    /// @param genesisRoot Root of the first state.
    /// @param genesisTimeMs Program time of the first state.
    constructor(
        IERC20 token,
        IProgramVerifier verifier,
        address operator,
        bytes32 genesisRoot,
        uint64 genesisTimeMs
    ) {
        if (address(token).code.length == 0) revert BadAddress(address(token));
        if (address(verifier).code.length == 0) revert BadAddress(address(verifier));
        if (operator == address(0)) revert BadAddress(operator);
        if (block.chainid >> Schema.CHAIN_ID_BITS != 0) revert ChainIdTooLarge(block.chainid);
        TOKEN = token;
        VERIFIER = verifier;
        OPERATOR = operator;
        rootOf[0] = genesisRoot;
        lastTimeMs = genesisTimeMs;
        emit Genesis(genesisRoot, genesisTimeMs);
    }

    /// @inheritdoc IRollup
    function deposit(uint256 amount, uint8 key, uint64[5] calldata publicKey)
        external
        movesTokens
        returns (uint64 number, uint32 account)
    {
        if (amount == 0 || amount > Schema.AMOUNT_MAX) {
            revert AmountOutOfRange(amount, 1, Schema.AMOUNT_MAX);
        }
        for (uint256 i = 0; i < 5; ++i) {
            if (publicKey[i] >= Schema.P) revert KeyNotCanonical(i, publicKey[i]);
        }
        account = accountOf[msg.sender];
        if (account == 0) account = _open();
        bytes memory keyWords = abi.encodePacked(
            uint64(key), publicKey[0], publicKey[1], publicKey[2], publicKey[3], publicKey[4]
        );
        escrow += uint128(amount);
        number = _append(Schema.REQUEST_KIND_DEPOSIT, account, amount, keyWords);
        TOKEN.pull(msg.sender, amount);
    }

    /// @inheritdoc IRollup
    function requestWithdrawal(uint256 amount) external returns (uint64 number) {
        if (amount > Schema.AMOUNT_MAX) revert AmountOutOfRange(amount, 0, Schema.AMOUNT_MAX);
        uint32 account = accountOf[msg.sender];
        if (account == 0) revert NoAccount(msg.sender);
        bytes memory none = new bytes(48);
        return _append(Schema.REQUEST_KIND_FORCED_WITHDRAWAL, account, amount, none);
    }

    /// @inheritdoc IRollup
    function submitBatch(
        uint32 finalAp,
        uint32[] calldata used,
        bytes32 oldRoot,
        bytes32 newRoot,
        bytes calldata output,
        bytes calldata proof
    ) external {
        _checkSender();
        uint256 length = output.expectedLength();
        if (output.length != length) revert WrongDataLength(output.length, length);
        _checkConstants(output);
        _checkContinues(output, oldRoot);
        uint64 done = _checkRequests(output);
        uint256 withdrawn = _checkWithdrawals(output);
        bytes memory roots = abi.encodePacked(oldRoot, newRoot);
        if (!VERIFIER.verify(finalAp, used, roots, output, proof)) revert NotProven();

        uint64 number = batchNumber + 1;
        batchNumber = number;
        requestsDone = done;
        lastTimeMs = output.word(OutputLayout.LAST_TIME_MS);
        logChain = output.digest(OutputLayout.LOG_AFTER);
        rootOf[number] = newRoot;
        if (withdrawn > 0) _credit(number, output, withdrawn);
        emit BatchAccepted(
            number,
            oldRoot,
            newRoot,
            output.digest(OutputLayout.LOG_AFTER),
            done,
            output.word(OutputLayout.WITHDRAWALS_COUNT),
            output.word(OutputLayout.COMMANDS_COUNT),
            output.word(OutputLayout.LAST_TIME_MS)
        );
    }

    /// @inheritdoc IRollup
    function claim() external movesTokens returns (uint256 amount) {
        amount = creditOf[msg.sender];
        if (amount == 0) revert NothingToClaim(msg.sender);
        creditOf[msg.sender] = 0;
        emit Claimed(msg.sender, amount);
        TOKEN.push(msg.sender, amount);
    }

    /// @inheritdoc IRollup
    function root() external view returns (bytes32) {
        return rootOf[batchNumber];
    }

    /// @inheritdoc IRollup
    function requestOf(uint64 number) external view returns (bytes32 chain, uint64 timeS) {
        if (number >= requestsQueued) {
            revert RequestsNotQueued(uint256(number) + 1, requestsQueued);
        }
        RequestQueue.Link storage link = _queue[number];
        return (link.chain, link.timeS);
    }

    /// @dev Gives the sender the next account.
    function _open() private returns (uint32 account) {
        if (accounts == Schema.ACCOUNT_MAX) revert AccountsUsedUp();
        account = ++accounts;
        accountOf[msg.sender] = account;
        emit AccountOpened(account, msg.sender);
    }

    /// @dev Queues a request of the sender; `tail` is its words 6..11.
    function _append(uint256 kind, uint32 account, uint256 amount, bytes memory tail)
        private
        returns (uint64 number)
    {
        number = requestsQueued;
        requestsQueued = number + 1;
        (uint64 owner0, uint64 owner1, uint64 owner2) = AddressWords.split(msg.sender);
        bytes memory words = abi.encodePacked(
            uint64(kind), uint64(account), owner0, owner1, owner2, uint64(amount), tail
        );
        bytes32 chain = _queue.append(number, words);
        emit RequestQueued(number, account, msg.sender, words, chain, uint64(block.timestamp));
    }

    /// @dev The operator, in a transaction of its own: whoever has the chain then finds the data as
    /// the transaction's input. An address without code that is the caller sent the transaction.
    function _checkSender() private view {
        if (msg.sender != OPERATOR) revert NotOperator(msg.sender);
        if (msg.sender != tx.origin || msg.sender.code.length != 0) revert NotDirect();
    }

    /// @dev Words 0..5: format, chain, this contract, tree.
    function _checkConstants(bytes calldata output) private view {
        (uint64 a, uint64 b, uint64 c) = AddressWords.split(address(this));
        _checkConstant(output, OutputLayout.FORMAT_VERSION, uint64(Schema.FORMAT_VERSION));
        _checkConstant(output, OutputLayout.CHAIN_ID, uint64(block.chainid));
        _checkConstant(output, OutputLayout.ROLLUP, a);
        _checkConstant(output, OutputLayout.ROLLUP + 1, b);
        _checkConstant(output, OutputLayout.ROLLUP + 2, c);
        _checkConstant(output, OutputLayout.TREE_DEPTH, uint64(Schema.TREE_DEPTH));
    }

    function _checkConstant(bytes calldata output, uint256 index, uint64 expected) private pure {
        uint64 got = output.word(index);
        if (got != expected) revert WrongConstant(index, got, expected);
    }

    /// @dev The batch starts where the state is, and has commands.
    function _checkContinues(bytes calldata output, bytes32 oldRoot) private view {
        uint64 number = output.word(OutputLayout.BATCH_NUMBER);
        if (number != batchNumber + 1) revert BatchOutOfOrder(number, batchNumber + 1);
        bytes32 expected = rootOf[batchNumber];
        if (oldRoot != expected) revert WrongOldRoot(oldRoot, expected);
        bytes32 log = output.digest(OutputLayout.LOG_BEFORE);
        if (log != logChain) revert WrongLogBefore(log, logChain);
        uint64 requests = output.word(OutputLayout.REQUESTS_BEFORE);
        if (requests != requestsDone) revert WrongRequestsBefore(requests, requestsDone);
        uint64 time = output.word(OutputLayout.FIRST_TIME_MS);
        if (time != lastTimeMs) revert WrongFirstTime(time, lastTimeMs);
        if (output.word(OutputLayout.COMMANDS_COUNT) == 0) revert EmptyBatch();
    }

    /// @dev The requests are the queue's next ones, and none comes before its time.
    /// @return done Requests executed after the batch.
    function _checkRequests(bytes calldata output) private view returns (uint64 done) {
        uint256 count = output.word(OutputLayout.REQUESTS_COUNT);
        uint256 upTo = requestsDone + count;
        if (upTo > requestsQueued) revert RequestsNotQueued(upTo, requestsQueued);
        uint64 time = output.word(OutputLayout.LAST_TIME_MS);
        uint256 latest = 1000 * block.timestamp + Schema.L1_CLOCK_SLACK_MS;
        if (time > latest) revert TimeAhead(time, latest);
        if (count > 0) {
            bytes32 chain = RequestQueue.extend(_queue.chainBefore(requestsDone), output, count);
            RequestQueue.Link storage last = _queue[upTo - 1];
            if (chain != last.chain) revert WrongRequests(chain, last.chain);
            uint256 earliest = 1000 * uint256(last.timeS);
            if (time < earliest) revert RequestFromFuture(time, earliest);
        }
        return uint64(upTo);
    }

    /// @dev Each record is an address and an amount, and the contract holds their sum.
    function _checkWithdrawals(bytes calldata output) private view returns (uint256 withdrawn) {
        uint256 count = output.word(OutputLayout.WITHDRAWALS_COUNT);
        for (uint256 i = 0; i < count; ++i) {
            (, uint64 amount, bool valid) = output.withdrawal(i);
            if (!valid) revert WrongWithdrawal(i);
            withdrawn += amount;
        }
        if (withdrawn > escrow) revert EscrowExceeded(withdrawn, escrow);
    }

    /// @dev Credits every record; `withdrawn` is their sum.
    function _credit(uint64 number, bytes calldata output, uint256 withdrawn) private {
        escrow -= uint128(withdrawn);
        uint256 count = output.word(OutputLayout.WITHDRAWALS_COUNT);
        for (uint256 i = 0; i < count; ++i) {
            (address owner, uint64 amount,) = output.withdrawal(i);
            creditOf[owner] += amount;
            emit WithdrawalCredited(number, owner, amount);
        }
    }
}
