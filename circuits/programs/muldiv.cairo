// floor(a * b / c) and the rest, over the integers. Input: a, b, c below 2^62.
// Output: a, b, c, quotient, remainder.
%builtins output muldiv

// Proven by the builtin: a * b + e = q * c + r over the integers, 0 <= r < c, all below 2^62.
struct Muldiv {
    a: felt,
    b: felt,
    e: felt,
    c: felt,
    q: felt,
    r: felt,
}

func main{output_ptr: felt*, muldiv_ptr: Muldiv*}() {
    alloc_locals;
    local a;
    local b;
    local c;
    %{ memory[fp] = program_input["a"] %}
    %{ memory[fp + 1] = program_input["b"] %}
    %{ memory[fp + 2] = program_input["c"] %}
    assert muldiv_ptr.a = a;
    assert muldiv_ptr.b = b;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = c;
    assert output_ptr[0] = a;
    assert output_ptr[1] = b;
    assert output_ptr[2] = c;
    assert output_ptr[3] = muldiv_ptr.q;
    assert output_ptr[4] = muldiv_ptr.r;
    let output_ptr = output_ptr + 5;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return ();
}
