// Refused: a pointer before its segment's first cell.
%builtins output

func main{output_ptr: felt*}() {
    tempvar before = output_ptr - 1;
    return ();
}
