// Refused: a range check without a value.
%builtins output range_check

func main{output_ptr: felt*, range_check_ptr}() {
    let range_check_ptr = range_check_ptr + 1;
    return ();
}
