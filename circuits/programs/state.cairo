// Writes leaves of the state: each access takes its key and its new leaf from the advice segment.
// Assumes nothing of the advice. Outputs the number of accesses and the sum of all felts read.

%builtins output state

struct Leaf {
    f0: felt,
    f1: felt,
    f2: felt,
    f3: felt,
    f4: felt,
    f5: felt,
    f6: felt,
    f7: felt,
}

struct Access {
    key: felt,
    before: Leaf,
    after: Leaf,
}

struct Update {
    key: felt,
    leaf: Leaf,
}

func main(output_ptr: felt*, state_ptr: Access*) -> (output_ptr: felt*, state_ptr: Access*) {
    alloc_locals;
    local count;
    local advice: Update*;
    %{ memory[fp] = program_input["count"] %}
    %{ memory[fp + 1] = advice %}
    let (state_ptr, sum) = write_all(state_ptr, advice, count, 0);
    assert output_ptr[0] = count;
    assert output_ptr[1] = sum;
    return (output_ptr=output_ptr + 2, state_ptr=state_ptr);
}

func write_all(state_ptr: Access*, update: Update*, count, sum) -> (state_ptr: Access*, sum: felt) {
    if (count == 0) {
        return (state_ptr=state_ptr, sum=sum);
    }
    assert state_ptr.key = update.key;
    assert state_ptr.after = update.leaf;
    let before = state_ptr.before;
    tempvar sum = sum + before.f0 + before.f1 + before.f2 + before.f3 + before.f4 + before.f5 + before.f6 + before.f7;
    return write_all(state_ptr + Access.SIZE, update + Update.SIZE, count - 1, sum);
}
