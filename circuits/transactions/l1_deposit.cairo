// deposit: money that the contract has taken, for an account, possibly with a key.
//
// Proven here: 1. a new account is opened for the sender; an old one must be the sender's (5002).
// 2. a key that is not all zeros is registered if its index exists and its encoding is a key's, else the
// deposit is credited without it (5003). 3. credited is the most that the caps allow, and
// not less than 0 (5004). 4. what is
// not credited is paid back to the sender.
// Not proven here: that the contract has the money (contracts/src/Rollup.sol).

from generated.codes import REFUSAL_BAD_KEY, REFUSAL_DEPOSIT_CAPPED, REFUSAL_NOT_ACCOUNT_OWNER
from generated.constants import BALANCE_MAX, CUSTODY_MAX, KEYS_MAX
from generated.leaves import AccountLeaf
from lib.builtins import Muldiv
from lib.integers import is_nonnegative, maximum, minimum
from lib.key_encoding import Gfp5, is_key_encoding
from lib.signature_builtin import is_no_key
from state.accounts import read_account, read_owner, write_account, write_key, write_owner
from transactions.request import Request, is_sent_by
from withdrawals import pay_out

// Guarantees: code, amount credited, custody after.
// Assumes: the words' ranges (requests.cairo); `root` is advice.
func l1_deposit{muldiv_ptr: Muldiv*, state_ptr: felt*, withdrawals: felt*}(
    request: Request*, root: Gfp5*, custody: felt
) -> (code: felt, amount: felt, custody: felt) {
    alloc_locals;
    let account = read_account(request.account);
    local account: AccountLeaf* = account;
    if (account.status == 0) {
        write_owner(request.account, request.owner0, request.owner1, request.owner2);
        return credit(request, account, root, custody);
    }
    let owner = read_owner(request.account);
    let is_owner = is_sent_by(request, owner);
    if (is_owner != 0) {
        return credit(request, account, root, custody);
    }
    give_back(request, request.amount);
    return (code=REFUSAL_NOT_ACCOUNT_OWNER, amount=0, custody=custody);
}

// Proven here: statements 2 to 4, for an account of the sender's.
func credit{muldiv_ptr: Muldiv*, state_ptr: felt*, withdrawals: felt*}(
    request: Request*, account: AccountLeaf*, root: Gfp5*, custody: felt
) -> (code: felt, amount: felt, custody: felt) {
    alloc_locals;
    let key_code = set_key(request, root);
    local key_code = key_code;
    let most = minimum(request.amount, BALANCE_MAX - account.collateral);
    let most = minimum(most, CUSTODY_MAX - custody);
    // Gains may have taken a collateral above BALANCE_MAX: a deposit takes nothing away.
    let credited = maximum(most, 0);
    local credited = credited;
    write_account(
        account=request.account,
        status=1,
        collateral=account.collateral + credited,
        positions=account.positions,
    );
    give_back(request, request.amount - credited);
    let code = deposit_code(key_code, request.amount - credited);
    return (code=code, amount=credited, custody=custody + credited);
}

// The first code that is due.
func deposit_code(key_code: felt, returned: felt) -> felt {
    if (key_code != 0) {
        return key_code;
    }
    if (returned != 0) {
        return REFUSAL_DEPOSIT_CAPPED;
    }
    return 0;
}

// Proven here: statement 2; 0 or the code.
func set_key{muldiv_ptr: Muldiv*, state_ptr: felt*}(request: Request*, root: Gfp5*) -> felt {
    alloc_locals;
    let has_none = is_no_key(&request.public_key);
    if (has_none != 0) {
        return 0;
    }
    let key_exists = is_nonnegative(KEYS_MAX - 1 - request.key);
    if (key_exists == 0) {
        return REFUSAL_BAD_KEY;
    }
    let is_valid = is_key_encoding(&request.public_key, root);
    if (is_valid == 0) {
        return REFUSAL_BAD_KEY;
    }
    write_key(request.account, request.key, &request.public_key);
    return 0;
}

// Guarantees: a record that pays the amount to the sender, if it is not 0. Custody does not change.
func give_back{withdrawals: felt*}(request: Request*, amount: felt) {
    if (amount == 0) {
        return ();
    }
    return pay_out(request.owner0, request.owner1, request.owner2, amount);
}
