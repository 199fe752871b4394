// Refused: a number is dereferenced.
%builtins output

func main{output_ptr: felt*}() {
    [ap] = 5, ap++;
    [ap] = [[ap - 1]], ap++;
    return ();
}
