// Refused: a call pushes its frame over a cell that holds a value.
%builtins output

func nothing() {
    return ();
}

func main{output_ptr: felt*}() {
    [ap] = 5;
    call nothing;
    return ();
}
