// Comparison by range checks. Input: x and y below 2^61. Output: the larger, the smaller.
// Proven here: both are below 2^61 and the outputs are ordered.
%builtins output range_check

const BOUND = 2 ** 61;

// Proven here: 0 <= x < 2^61. (x and 2^61 - 1 - x below 2^62 leaves no other felt: the sum of two
// such values lies below p, so it does not wrap.)
func assert_bounded{range_check_ptr}(x: felt) {
    assert [range_check_ptr] = x;
    assert [range_check_ptr + 1] = BOUND - 1 - x;
    let range_check_ptr = range_check_ptr + 2;
    return ();
}

func main{output_ptr: felt*, range_check_ptr}() {
    alloc_locals;
    local x;
    local y;
    local x_is_larger;
    %{ memory[fp] = program_input["x"] %}
    %{ memory[fp + 1] = program_input["y"] %}
    %{ memory[fp + 2] = program_input["x_is_larger"] %}
    assert_bounded(x);
    assert_bounded(y);
    // The order is the host's proposal; a wrong one makes the difference negative.
    assert x_is_larger = x_is_larger * x_is_larger;
    tempvar larger = y + x_is_larger * (x - y);
    tempvar smaller = x + y - larger;
    assert [range_check_ptr] = larger - smaller;
    let range_check_ptr = range_check_ptr + 1;
    assert output_ptr[0] = larger;
    assert output_ptr[1] = smaller;
    let output_ptr = output_ptr + 2;
    return ();
}
