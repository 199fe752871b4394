// The n-th Fibonacci number, by a loop. Input: n < 2^62. Output: n, F(n) mod p, with F(0) = 0.
// Proven here: the second output is F of the first.
%builtins output

func fibonacci(n: felt) -> (result: felt) {
    tempvar a = 0;
    tempvar b = 1;
    tempvar left = n;

    loop:
    jmp step if left != 0;
    return (result=a);

    step:
    tempvar next = a + b;
    tempvar a = b;
    tempvar b = next;
    tempvar left = left - 1;
    jmp loop;
}

func main{output_ptr: felt*}() {
    alloc_locals;
    local n;
    %{ memory[fp] = program_input["n"] %}
    let (result) = fibonacci(n);
    assert output_ptr[0] = n;
    assert output_ptr[1] = result;
    let output_ptr = output_ptr + 2;
    return ();
}
