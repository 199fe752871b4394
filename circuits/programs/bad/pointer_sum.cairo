// Refused: the sum of two pointers.
%builtins output

func main{output_ptr: felt*}() {
    tempvar sum = cast(output_ptr, felt) + cast(output_ptr, felt);
    return ();
}
