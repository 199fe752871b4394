// Refused: the divisor is zero, though nobody reads the quotient.
%builtins output muldiv

func main{output_ptr: felt*, muldiv_ptr: felt*}() {
    assert muldiv_ptr[0] = 1;
    assert muldiv_ptr[1] = 2;
    assert muldiv_ptr[2] = 3;
    assert muldiv_ptr[3] = 0;
    let muldiv_ptr = muldiv_ptr + 6;
    return ();
}
