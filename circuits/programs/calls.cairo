// Recursion two calls deep per level, and calls through a function pointer.
// Input: n. Output: n, sum of 2k for k = 1..n, then that of the squares by an indirect call.
%builtins output

from starkware.cairo.lang.compiler.lib.registers import get_fp_and_pc

func double(x: felt) -> (result: felt) {
    return (result=x + x);
}

func square(x: felt) -> (result: felt) {
    return (result=x * x);
}

// The address of a function at run time: its distance from here is known when compiling.
func address_of(function: codeoffset) -> (address: felt*) {
    let (_, here) = get_fp_and_pc();
    label_here:
    return (address=here + (function - label_here));
}

// sum of f(k) for k = 1..n, plus total.
func sum(f: felt*, n: felt, total: felt) -> (result: felt) {
    if (n == 0) {
        return (result=total);
    }
    [ap] = n, ap++;
    call abs f;
    return sum(f=f, n=n - 1, total=total + [ap - 1]);
}

// Without tail call: the result is built on the way back.
func sum_of_doubles(n: felt) -> (result: felt) {
    alloc_locals;
    if (n == 0) {
        return (result=0);
    }
    let (local this) = double(n);
    let (rest) = sum_of_doubles(n - 1);
    return (result=this + rest);
}

func main{output_ptr: felt*}() {
    alloc_locals;
    local n;
    %{ memory[fp] = program_input["n"] %}
    let (doubles) = sum_of_doubles(n);
    assert output_ptr[0] = n;
    assert output_ptr[1] = doubles;
    let (f) = address_of(square);
    let (squares) = sum(f=f, n=n, total=0);
    assert output_ptr[2] = squares;
    let output_ptr = output_ptr + 3;
    return ();
}
