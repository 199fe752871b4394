// Withdrawal records: what the contract pays out once the batch is accepted
// (docs/spec/commands.md § 6, batch.md § 1).

from generated.constants import WITHDRAWAL_WORDS

// Guarantees: the next record of section W pays `amount` to this owner.
// Assumes: 1 <= amount <= AMOUNT_MAX, proven by the caller.
func pay_out{withdrawals: felt*}(owner0: felt, owner1: felt, owner2: felt, amount: felt) {
    assert withdrawals[0] = owner0;
    assert withdrawals[1] = owner1;
    assert withdrawals[2] = owner2;
    assert withdrawals[3] = amount;
    let withdrawals = withdrawals + WITHDRAWAL_WORDS;
    return ();
}
