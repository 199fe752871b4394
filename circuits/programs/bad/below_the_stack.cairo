// Refused: an operand before the execution segment.
%builtins output

func main{output_ptr: felt*}() {
    [ap] = [fp - 100], ap++;
    return ();
}
