// Refused: a factor of 2^62 is out of range.
%builtins output muldiv

func main{output_ptr: felt*, muldiv_ptr: felt*}() {
    assert muldiv_ptr[0] = 1;
    assert muldiv_ptr[1] = 2 ** 62;
    assert muldiv_ptr[2] = 0;
    assert muldiv_ptr[3] = 1;
    tempvar quotient = muldiv_ptr[4];
    let muldiv_ptr = muldiv_ptr + 6;
    return ();
}
