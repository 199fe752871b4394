// Checks signatures: each public key and each message hash is taken from the advice segment, and a
// valid signature of every message under its key is proven to exist. Assumes nothing of the advice.
// Outputs the number of signatures and a sum of all felts read, weighted by their place.

%builtins output schnorr

struct Signed {
    key0: felt,
    key1: felt,
    key2: felt,
    key3: felt,
    key4: felt,
    message0: felt,
    message1: felt,
    message2: felt,
    message3: felt,
}

func main(output_ptr: felt*, schnorr_ptr: Signed*) -> (output_ptr: felt*, schnorr_ptr: Signed*) {
    alloc_locals;
    local count;
    local advice: Signed*;
    %{ memory[fp] = program_input["count"] %}
    %{ memory[fp + 1] = advice %}
    let (schnorr_ptr, sum) = check_all(schnorr_ptr, advice, count, 0);
    assert output_ptr[0] = count;
    assert output_ptr[1] = sum;
    return (output_ptr=output_ptr + 2, schnorr_ptr=schnorr_ptr);
}

func check_all(schnorr_ptr: Signed*, signed: Signed*, count, sum) -> (
    schnorr_ptr: Signed*, sum: felt
) {
    if (count == 0) {
        return (schnorr_ptr=schnorr_ptr, sum=sum);
    }
    let here = [signed];
    assert [schnorr_ptr] = here;
    tempvar sum = sum * 3 + here.key0 + 2 * here.key1 + 4 * here.key2 + 8 * here.key3 +
        16 * here.key4;
    tempvar sum = sum + 32 * here.message0 + 64 * here.message1 + 128 * here.message2 +
        256 * here.message3;
    return check_all(schnorr_ptr + Signed.SIZE, signed + Signed.SIZE, count - 1, sum);
}
