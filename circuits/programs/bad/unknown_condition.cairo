// Refused: a branch on a cell that was never written.
%builtins output

func branch() {
    jmp behind if [ap] != 0;

    behind:
    return ();
}

func main{output_ptr: felt*}() {
    branch();
    return ();
}
