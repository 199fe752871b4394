// Refused: an output that is not the permutation's.
%builtins output poseidon2

func main{output_ptr: felt*, poseidon2_ptr: felt*}() {
    assert poseidon2_ptr[0] = 0;
    assert poseidon2_ptr[1] = 1;
    assert poseidon2_ptr[2] = 2;
    assert poseidon2_ptr[3] = 3;
    assert poseidon2_ptr[4] = 4;
    assert poseidon2_ptr[5] = 5;
    assert poseidon2_ptr[6] = 6;
    assert poseidon2_ptr[7] = 7;
    assert poseidon2_ptr[8] = 1;
    let poseidon2_ptr = poseidon2_ptr + 16;
    return ();
}
