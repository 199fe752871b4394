// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The venue's contract: money in, requests, proven batches, money out.
/// @notice docs/spec/batch.md § 4 is the specification, docs/security.md says what is trusted.
/// Amounts are base units of the collateral token, µUSDC. Words are felts of 8 bytes big-endian.
interface IRollup {
    // Errors of deployment.

    /// @notice An address that must hold a contract holds none, or the operator is nobody.
    error BadAddress(address given);
    /// @notice The chain's id has no place in a felt of 53 bits.
    error ChainIdTooLarge(uint256 chainId);

    // Errors of deposits, requests and claims.

    /// @notice An amount is not in the range that a request admits.
    error AmountOutOfRange(uint256 amount, uint256 least, uint256 greatest);
    /// @notice A limb of the public key is at or above p.
    error KeyNotCanonical(uint256 limb, uint64 value);
    /// @notice The sender never deposited.
    error NoAccount(address sender);
    /// @notice Every account number is given.
    error AccountsUsedUp();
    /// @notice The sender has nothing to claim.
    error NothingToClaim(address sender);
    /// @notice The token refused to move `amount`.
    error TransferFailed(uint256 amount);
    /// @notice The contract's balance changed by something else than `expected`.
    error WrongTransferAmount(uint256 expected, uint256 balanceBefore, uint256 balanceAfter);
    /// @notice A call that moves tokens was entered from the token itself.
    error Reentered();

    // Errors of batches, in the order of the checks.

    /// @notice Only the operator submits batches.
    error NotOperator(address sender);
    /// @notice A batch must be a transaction's own calldata, not a call made by code.
    error NotDirect();
    /// @notice The output is not as long as its counts say.
    error WrongDataLength(uint256 got, uint256 expected);
    /// @notice One of the words 0..5 is not this venue's.
    error WrongConstant(uint256 index, uint64 got, uint64 expected);
    /// @notice Not the next batch.
    error BatchOutOfOrder(uint64 got, uint64 expected);
    /// @notice The batch starts from another state.
    error WrongOldRoot(bytes32 got, bytes32 expected);
    /// @notice The batch starts from another command log.
    error WrongLogBefore(bytes32 got, bytes32 expected);
    /// @notice The batch starts at another request.
    error WrongRequestsBefore(uint64 got, uint64 expected);
    /// @notice The batch starts at another time.
    error WrongFirstTime(uint64 got, uint64 expected);
    /// @notice A batch without commands.
    error EmptyBatch();
    /// @notice The batch executes requests that nobody made.
    error RequestsNotQueued(uint256 upTo, uint64 queued);
    /// @notice The requests executed are not those of the queue.
    error WrongRequests(bytes32 got, bytes32 expected);
    /// @notice Program time is ahead of the block by more than is allowed.
    error TimeAhead(uint64 lastTimeMs, uint256 latestMs);
    /// @notice A request is executed before it was made.
    error RequestFromFuture(uint64 lastTimeMs, uint256 requestTimeMs);
    /// @notice A withdrawal record whose words are no address and amount.
    error WrongWithdrawal(uint256 index);
    /// @notice The batch pays out more than the contract holds for the state's accounts.
    error EscrowExceeded(uint256 withdrawn, uint256 escrow);
    /// @notice The verifier did not confirm the proof. (It reverts with its own errors.)
    error NotProven();

    /// @notice The venue starts.
    /// @param root Root of the first state.
    /// @param timeMs Program time of the first state.
    event Genesis(bytes32 root, uint64 timeMs);
    /// @notice An L1 address has its account from now on.
    event AccountOpened(uint32 indexed account, address indexed owner);
    /// @notice A request is in the queue.
    /// @param number Its number, from 0.
    /// @param account The account it is about.
    /// @param owner Who sent it.
    /// @param words Its 12 words.
    /// @param chain The queue's chain behind it.
    /// @param timeS Time of its block.
    event RequestQueued(
        uint64 indexed number,
        uint32 indexed account,
        address indexed owner,
        bytes words,
        bytes32 chain,
        uint64 timeS
    );
    /// @notice A batch is proven and its state is the venue's. The data are the transaction's.
    /// @param batchNumber Its number, from 1.
    /// @param oldRoot Root before.
    /// @param newRoot Root after.
    /// @param logChain Command-log chain after.
    /// @param requestsDone Requests executed, from the first on.
    /// @param withdrawals Withdrawal records of this batch.
    /// @param commands Commands of this batch.
    /// @param timeMs Program time after.
    event BatchAccepted(
        uint64 indexed batchNumber,
        bytes32 oldRoot,
        bytes32 newRoot,
        bytes32 logChain,
        uint64 requestsDone,
        uint64 withdrawals,
        uint64 commands,
        uint64 timeMs
    );
    /// @notice A withdrawal record of a batch: the owner may claim the amount.
    event WithdrawalCredited(uint64 indexed batchNumber, address indexed owner, uint256 amount);
    /// @notice An owner took its credit.
    event Claimed(address indexed owner, uint256 amount);

    /// @notice Takes `amount` of the token and queues its credit to the sender's account, which is
    /// opened by the first deposit. The state says whether all of it is credited; the rest becomes
    /// claimable.
    /// @param amount 1 .. 2^58 - 1, approved for this contract.
    /// @param key Index of the key to set.
    /// @param publicKey The key's limbs, each below p; all zero: set no key.
    /// @return number The request's number.
    /// @return account The sender's account.
    function deposit(uint256 amount, uint8 key, uint64[5] calldata publicKey)
        external
        returns (uint64 number, uint32 account);

    /// @notice Queues the withdrawal of `amount` from the sender's account: a batch pays it, or
    /// proves that it can't be paid.
    /// @param amount At most 2^58 - 1; 0: all that is free.
    /// @return number The request's number.
    function requestWithdrawal(uint256 amount) external returns (uint64 number);

    /// @notice Advances the state by one proven batch.
    /// @param finalAp The machine's last allocation pointer.
    /// @param used Instances used of each builtin but output.
    /// @param oldRoot Root before the batch: four felts.
    /// @param newRoot Root after the batch: four felts.
    /// @param output The program's output words: 22 fixed ones, then the batch data.
    /// @param proof The proof.
    function submitBatch(
        uint32 finalAp,
        uint32[] calldata used,
        bytes32 oldRoot,
        bytes32 newRoot,
        bytes calldata output,
        bytes calldata proof
    ) external;

    /// @notice Pays the sender all that batches credited to it.
    /// @return amount What was paid.
    function claim() external returns (uint256 amount);

    /// @notice The state's root.
    function root() external view returns (bytes32);
    /// @notice Root after a batch, 0: the first state; zero if there is no such batch.
    function rootOf(uint256 batch) external view returns (bytes32);
    /// @notice The command-log chain of the state.
    function logChain() external view returns (bytes32);
    /// @notice Batches accepted.
    function batchNumber() external view returns (uint64);
    /// @notice Requests executed.
    function requestsDone() external view returns (uint64);
    /// @notice Program time of the state.
    function lastTimeMs() external view returns (uint64);
    /// @notice Requests made.
    function requestsQueued() external view returns (uint64);
    /// @notice Chain behind a request and its block's time; reverts if there is none.
    function requestOf(uint64 number) external view returns (bytes32 chain, uint64 timeS);
    /// @notice An address's account, 0: none.
    function accountOf(address owner) external view returns (uint32);
    /// @notice Accounts opened.
    function accounts() external view returns (uint32);
    /// @notice What an owner may claim.
    function creditOf(address owner) external view returns (uint256);
    /// @notice What the contract holds and owes to no one yet: money in the state or on its way in.
    function escrow() external view returns (uint128);
}
