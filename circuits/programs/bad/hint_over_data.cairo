// Refused: a hint proposes another value for the return address.
%builtins output

func main{output_ptr: felt*}() {
    %{ memory[fp - 1] = program_input["n"] %}
    ap += 1;
    return ();
}
