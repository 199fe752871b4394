// A chain of Poseidon2 compressions: x := first four lanes of P(x || 0) + (x || 0).
// Input: n. Output: n, then the four felts after n compressions of (1, 2, 3, 4).
%builtins output poseidon2

struct Poseidon2 {
    in0: felt,
    in1: felt,
    in2: felt,
    in3: felt,
    in4: felt,
    in5: felt,
    in6: felt,
    in7: felt,
    out0: felt,
    out1: felt,
    out2: felt,
    out3: felt,
    out4: felt,
    out5: felt,
    out6: felt,
    out7: felt,
}

struct Digest {
    a: felt,
    b: felt,
    c: felt,
    d: felt,
}

func chain{poseidon2_ptr: Poseidon2*}(n: felt, x: Digest) -> (result: Digest) {
    if (n == 0) {
        return (result=x);
    }
    let hash = poseidon2_ptr;
    let poseidon2_ptr = poseidon2_ptr + Poseidon2.SIZE;
    assert hash.in0 = x.a;
    assert hash.in1 = x.b;
    assert hash.in2 = x.c;
    assert hash.in3 = x.d;
    assert hash.in4 = 0;
    assert hash.in5 = 0;
    assert hash.in6 = 0;
    assert hash.in7 = 0;
    tempvar next = Digest(
        a=hash.out0 + x.a, b=hash.out1 + x.b, c=hash.out2 + x.c, d=hash.out3 + x.d
    );
    return chain(n=n - 1, x=next);
}

func main{output_ptr: felt*, poseidon2_ptr: Poseidon2*}() {
    alloc_locals;
    local n;
    %{ memory[fp] = program_input["n"] %}
    let (result) = chain(n, Digest(1, 2, 3, 4));
    assert output_ptr[0] = n;
    assert output_ptr[1] = result.a;
    assert output_ptr[2] = result.b;
    assert output_ptr[3] = result.c;
    assert output_ptr[4] = result.d;
    let output_ptr = output_ptr + 5;
    return ();
}
