// Refused: the difference of pointers into two segments.
%builtins output range_check

func main{output_ptr: felt*, range_check_ptr}() {
    tempvar distance = cast(output_ptr, felt) - range_check_ptr;
    return ();
}
