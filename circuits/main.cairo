// The batch program. Its digest is fixed in the contract.
//
// Input, all of it the prover's choice: `chain_id`, `rollup0..2`, `requests_count`, `withdrawals_count`,
// `commands_count`, `command_words`; the advice is the number of cells before the places of the lists'
// insertions (registers.cairo), one record per command, the XAdvice struct of its
// transaction, and those places. Output: docs/spec/batch.md § 1.

%builtins output range_check poseidon2 muldiv state schnorr

from execute_batch import execute_batch
from lib.builtins import Muldiv, Poseidon2, Schnorr

func main{
    output_ptr: felt*,
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
}() {
    execute_batch();
    return ();
}
