// Refused: 7 * 9 + 1 leaves 4 when divided by 10.
%builtins output muldiv

func main{output_ptr: felt*, muldiv_ptr: felt*}() {
    assert muldiv_ptr[0] = 7;
    assert muldiv_ptr[1] = 9;
    assert muldiv_ptr[2] = 1;
    assert muldiv_ptr[3] = 10;
    assert muldiv_ptr[5] = 14;
    let muldiv_ptr = muldiv_ptr + 6;
    return ();
}
