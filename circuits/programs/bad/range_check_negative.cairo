// Refused: -1 is p - 1, and far out of range.
%builtins output range_check

func main{output_ptr: felt*, range_check_ptr}() {
    assert [range_check_ptr] = -1;
    let range_check_ptr = range_check_ptr + 1;
    return ();
}
