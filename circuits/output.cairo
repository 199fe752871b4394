// The batch's public words and the sections behind them (docs/spec/batch.md § 1).

from generated.constants import (
    FORMAT_VERSION,
    OUTCOME_FELTS,
    REQUEST_WORDS,
    TREE_DEPTH,
    WITHDRAWAL_WORDS,
)
from generated.output import OUTPUT_WORDS, PublicWords
from registers import Registers

// The sections, by their first words; `end` is behind the last.
struct Sections {
    requests: felt*,
    withdrawals: felt*,
    commands: felt*,
    end: felt*,
}

// Guarantees: the words that a batch starts with are the host's claims of chain, contract and counts.
// Not proven here: that they are true. Chain and contract are the verifying contract's to compare;
// the counts are proven by `close_sections`.
func open_sections(output: PublicWords*) -> Sections* {
    alloc_locals;
    local chain_id;
    local rollup0;
    local rollup1;
    local rollup2;
    local requests_count;
    local withdrawals_count;
    local commands_count;
    local command_words;
    %{ memory[fp] = program_input["chain_id"] %}
    %{ memory[fp + 1] = program_input["rollup0"] %}
    %{ memory[fp + 2] = program_input["rollup1"] %}
    %{ memory[fp + 3] = program_input["rollup2"] %}
    %{ memory[fp + 4] = program_input["requests_count"] %}
    %{ memory[fp + 5] = program_input["withdrawals_count"] %}
    %{ memory[fp + 6] = program_input["commands_count"] %}
    %{ memory[fp + 7] = program_input["command_words"] %}
    assert output.format_version = FORMAT_VERSION;
    assert output.chain_id = chain_id;
    assert output.rollup0 = rollup0;
    assert output.rollup1 = rollup1;
    assert output.rollup2 = rollup2;
    assert output.tree_depth = TREE_DEPTH;
    assert output.requests_count = requests_count;
    assert output.withdrawals_count = withdrawals_count;
    assert output.commands_count = commands_count;
    assert output.command_words = command_words;
    let requests = cast(output + OUTPUT_WORDS, felt*);
    let withdrawals = requests + REQUEST_WORDS * requests_count;
    let commands = withdrawals + WITHDRAWAL_WORDS * withdrawals_count;
    tempvar sections = new Sections(
        requests=requests, withdrawals=withdrawals, commands=commands, end=commands + command_words
    );
    return sections;
}

// Proven here: each section ends where the next begins, so the counts are those of the words written,
// every word of the output is written once, and nothing stands behind it.
func close_sections(sections: Sections*, registers: Registers*) {
    assert registers.requests = sections.withdrawals;
    assert registers.withdrawals = sections.commands;
    assert registers.commands = sections.end;
    return ();
}
