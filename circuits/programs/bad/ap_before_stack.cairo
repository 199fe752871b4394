// Refused: ap moves before the execution segment.
%builtins output

func main{output_ptr: felt*}() {
    ap += -100;
    return ();
}
