// Refused: the program never ends.
%builtins output

func forever() {
    jmp rel 0;
}

func main{output_ptr: felt*}() {
    forever();
    return ();
}
