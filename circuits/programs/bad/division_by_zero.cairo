// Refused: no factor makes 0 times it 5.
%builtins output

func main{output_ptr: felt*}() {
    [ap] = 0, ap++;
    [ap] = 5, ap++;
    [ap - 1] = [ap] * [ap - 2], ap++;
    return ();
}
