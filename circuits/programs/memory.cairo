// Memory and jumps: reads records from the advice, dispatches on each by a computed jump, writes
// the results behind the advice, then walks them backwards.
// Input: count; advice = count records (operation, left, right), operation in 0..2.
// Output: count, sum of i * result_i (i from 1).
%builtins output

struct Record {
    operation: felt,
    left: felt,
    right: felt,
}

// 0: left + right, 1: left - right, 2: left * right. Any other operation jumps to no instruction.
// Proven here: the operation is 0, 1 or 2 and the result is what it says.
func evaluate(record: Record*) -> (result: felt) {
    alloc_locals;
    local operation = record.operation;
    // A jump from the prover's advice: only the three targets may be reached.
    assert operation * (operation - 1) * (operation - 2) = 0;
    tempvar distance = 5 * operation + 3;
    jmp rel [ap - 1];
    jmp rel 0;

    // Each case takes five words.
    [ap] = [fp - 3], ap++;
    tempvar left = [[ap - 1] + 1];
    tempvar right = [[ap - 2] + 2];
    jmp add;

    [ap] = [fp - 3], ap++;
    tempvar left = [[ap - 1] + 1];
    tempvar right = [[ap - 2] + 2];
    jmp subtract;

    [ap] = [fp - 3], ap++;
    tempvar left = [[ap - 1] + 1];
    tempvar right = [[ap - 2] + 2];
    jmp multiply;

    add:
    return (result=[ap - 2] + [ap - 1]);

    subtract:
    return (result=[ap - 2] - [ap - 1]);

    multiply:
    return (result=[ap - 2] * [ap - 1]);
}

func evaluate_all(record: Record*, results: felt*, count: felt) {
    if (count == 0) {
        return ();
    }
    let (result) = evaluate(record);
    assert [results] = result;
    return evaluate_all(record=record + Record.SIZE, results=results + 1, count=count - 1);
}

// total + sum of i * result_i for i = count .. 1; `end` is one past the last result.
func weighted_sum(end: felt*, count: felt, total: felt) -> (result: felt) {
    if (count == 0) {
        return (result=total);
    }
    return weighted_sum(end=end - 1, count=count - 1, total=total + count * [end - 1]);
}

func main{output_ptr: felt*}() {
    alloc_locals;
    local count;
    local records: Record*;
    %{ memory[fp] = program_input["count"] %}
    %{ memory[fp + 1] = advice %}
    let results = cast(records + count * Record.SIZE, felt*);
    evaluate_all(records, results, count);
    let (total) = weighted_sum(results + count, count, 0);
    assert output_ptr[0] = count;
    assert output_ptr[1] = total;
    let output_ptr = output_ptr + 2;
    return ();
}
