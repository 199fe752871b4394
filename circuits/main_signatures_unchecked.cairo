// FOR TESTS ONLY: the batch program without the schnorr builtin. NO SIGNATURE IS VERIFIED.
//
// The code is that of main.cairo; `verify_signature` writes to scratch memory behind the advice, which
// no table constrains. Its digest differs from the product's, so no contract accepts its proofs.
// Input: as main.cairo, and `advice_cells`, the length of the advice.

%builtins output range_check poseidon2 muldiv state

from execute_batch import execute_batch
from lib.builtins import Muldiv, Poseidon2, Schnorr

func main{
    output_ptr: felt*,
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
}() {
    alloc_locals;
    local advice: felt*;
    local advice_cells;
    %{ memory[fp] = advice %}
    %{ memory[fp + 1] = program_input["advice_cells"] %}
    let scratch = cast(advice + advice_cells, Schnorr*);
    execute_batch{schnorr_ptr=scratch}();
    return ();
}
