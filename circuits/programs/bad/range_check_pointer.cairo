// Refused: a pointer in a builtin cell.
%builtins output range_check

func main{output_ptr: felt*, range_check_ptr}() {
    assert [range_check_ptr] = cast(output_ptr, felt);
    let range_check_ptr = range_check_ptr + 1;
    return ();
}
