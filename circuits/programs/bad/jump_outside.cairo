// Refused: a jump behind the program's end.
%builtins output

func jump() {
    jmp rel 1000;
}

func main{output_ptr: felt*}() {
    jump();
    return ();
}
