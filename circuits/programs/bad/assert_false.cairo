// Refused: two constants that differ are asserted equal.
%builtins output

func main{output_ptr: felt*}() {
    [ap] = 2, ap++;
    [ap - 1] = 3;
    return ();
}
