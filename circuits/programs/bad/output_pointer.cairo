// Refused: an address in the output.
%builtins output

func main{output_ptr: felt*}() {
    assert [output_ptr] = cast(output_ptr, felt);
    let output_ptr = output_ptr + 1;
    return ();
}
