// Refused: 2^62 is the first value out of range.
%builtins output range_check

func main{output_ptr: felt*, range_check_ptr}() {
    assert [range_check_ptr] = 2 ** 62;
    let range_check_ptr = range_check_ptr + 1;
    return ();
}
