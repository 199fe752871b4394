// Refused: a jump to a word that is no instruction.
%builtins output

func data() {
    dw 0;
}

func main{output_ptr: felt*}() {
    data();
    return ();
}
