// Refused: ap moves by a pointer.
%builtins output

func main{output_ptr: felt*}() {
    tempvar pointer = output_ptr;
    ap += [ap - 1];
    return ();
}
