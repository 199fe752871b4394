// Refused: a pointer is multiplied.
%builtins output

func main{output_ptr: felt*}() {
    tempvar twice = cast(output_ptr, felt) * 2;
    return ();
}
