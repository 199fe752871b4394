// Refused: an absolute jump to a number.
%builtins output

func jump() {
    jmp abs 5;
}

func main{output_ptr: felt*}() {
    jump();
    return ();
}
