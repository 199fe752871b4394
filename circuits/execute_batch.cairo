// A batch: the state's registers are read, every command is executed in order, the registers are
// written (docs/spec/batch.md § 3).
//
// Proven here: 1. the published counts are those of the commands, requests and records that follow.
// 2. each command is executed by the rules of its kind, none that the rules refuse. 3. the log chain
// goes over all of them. 4. counters stay in their ranges, the batch's number is one more. 5. program
// time never passed the moment at which funding was due (4005): it only grows, each `fund` proves that
// it had not passed the moment before, and here it has not passed the next.
// Not proven here: that the first words are true of the contract (output.cairo); the roots, which the
// machine publishes and its merkle table binds.

from generated.codes import (
    KIND_AMEND,
    KIND_BURN_NONCE,
    KIND_CANCEL,
    KIND_CANCEL_ALL,
    KIND_CANCEL_CONDITIONAL,
    KIND_CANCEL_NAMED,
    KIND_CREATE_ACCOUNT,
    KIND_DELEVERAGE,
    KIND_FUND,
    KIND_LIQUIDATE,
    KIND_ORACLE_REPORT,
    KIND_PLACE,
    KIND_PLACE_CONDITIONAL,
    KIND_QUOTE,
    KIND_REQUEST,
    KIND_SET_DEADLINE,
    KIND_SET_LEVERAGE,
    KIND_SWEEP,
    KIND_TICK,
    KIND_TIME,
    KIND_TRANSFER,
    KIND_TRIGGER,
    KIND_WITHDRAW,
)
from generated.constants import COUNTER_BITS, ORDER_ID_MAX, SUB_ACCOUNT_END, TIME_MAX
from generated.leaves import ClockLeaf, ConditionalsLeaf, LogLeaf, MoneyLeaf, RiskLeaf, ScheduleLeaf
from generated.output import PublicWords
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_at_least, assert_in_range
from lib.sponge import Digest
from messages import open_environment
from output import Sections, close_sections, open_sections
from registers import Environment, Lists, Registers, Schedule, Slots
from requests import RequestAdvice, execute_request
from state.system import (
    read_clock,
    read_conditionals,
    read_config,
    read_log,
    read_money,
    read_risk,
    read_schedule,
    write_clock,
    write_conditionals,
    write_log,
    write_money,
    write_risk,
    write_schedule,
)
from transactions.l2_amend import AmendAdvice, l2_amend
from transactions.l2_burn_nonce import BurnNonceAdvice, l2_burn_nonce
from transactions.l2_cancel import CancelAdvice, l2_cancel
from transactions.l2_cancel_all import CancelAllAdvice, l2_cancel_all
from transactions.l2_cancel_conditional import CancelConditionalAdvice, l2_cancel_conditional
from transactions.l2_cancel_named import CancelNamedAdvice, l2_cancel_named
from transactions.l2_create_account import CreateAccountAdvice, l2_create_account
from transactions.l2_place import PlaceAdvice, l2_place
from transactions.l2_place_conditional import PlaceConditionalAdvice, l2_place_conditional
from transactions.l2_quote import QuoteAdvice, l2_quote
from transactions.l2_set_deadline import SetDeadlineAdvice, l2_set_deadline
from transactions.l2_set_leverage import SetLeverageAdvice, l2_set_leverage
from transactions.l2_transfer import TransferAdvice, l2_transfer
from transactions.l2_withdraw import WithdrawAdvice, l2_withdraw
from transactions.oracle_report import OracleReportAdvice, oracle_report
from transactions.sequencer_deleverage import DeleverageAdvice, sequencer_deleverage
from transactions.sequencer_fund import FundAdvice, sequencer_fund
from transactions.sequencer_liquidate import LiquidateAdvice, sequencer_liquidate
from transactions.sequencer_sweep import SweepAdvice, sequencer_sweep
from transactions.sequencer_tick import TickAdvice, sequencer_tick
from transactions.sequencer_time import TimeAdvice, sequencer_time
from transactions.sequencer_trigger import TriggerAdvice, sequencer_trigger

const COUNTER_MAX = 2 ** COUNTER_BITS - 1;
// A batch is one proof of at most 2^32 memory cells.
const COMMANDS_MAX = 2 ** 32 - 1;

// Guarantees: the output is that of batch.md § 1; output_ptr behind it.
func execute_batch{
    output_ptr: felt*,
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
}() {
    alloc_locals;
    local advice: felt*;
    %{ memory[fp] = advice %}
    local public_words: PublicWords* = cast(output_ptr, PublicWords*);
    let sections = open_sections(public_words);
    local sections: Sections* = sections;
    let config = read_config();
    let env = open_environment(public_words, config);
    local env: Environment* = env;

    let clock = read_clock();
    local clock: ClockLeaf* = clock;
    let money = read_money();
    local money: MoneyLeaf* = money;
    let log = read_log();
    local log: LogLeaf* = log;
    let schedule_leaf = read_schedule();
    local schedule_leaf: ScheduleLeaf* = schedule_leaf;
    let risk = read_risk();
    local risk: RiskLeaf* = risk;
    let conditionals = read_conditionals();
    local conditionals: ConditionalsLeaf* = conditionals;
    // The advice begins with how far on the places of the lists' insertions are.
    tempvar lists = new Lists(
        due_first=risk.due_first,
        places=advice + [advice],
        next_names=schedule_leaf.next_names,
    );
    tempvar schedule = new Schedule(
        funding_due_ms=schedule_leaf.funding_due_ms,
        next_sub_account=schedule_leaf.next_sub_account,
        pending=risk.pending,
        crossed=conditionals.crossed,
        waiting_free=conditionals.free,
        waiting_high=conditionals.high,
    );
    tempvar slots = new Slots(
        order_free=clock.order_free,
        order_high=clock.order_high,
        level_free=clock.level_free,
        level_high=clock.level_high,
        lists=lists,
    );
    tempvar registers = new Registers(
        time_ms=clock.time_ms,
        next_order_id=clock.next_order_id,
        slots=slots,
        custody=money.custody,
        fees=money.fees,
        schedule=schedule,
        requests=sections.requests,
        withdrawals=sections.withdrawals,
        commands=sections.commands,
    );
    assert_in_range(public_words.commands_count - 1, COMMANDS_MAX - 1);
    let chain = execute_commands{registers=registers}(
        env, advice + 1, public_words.commands_count, cast(log, Digest*)
    );
    local chain: Digest* = chain;
    local registers: Registers* = registers;

    close_sections(sections, registers);
    seal(public_words, clock, money, log, schedule_leaf, risk, conditionals, registers, chain);
    let output_ptr = registers.commands;
    return ();
}

// Guarantees: the public words of before and after, and the system's leaves after the batch.
func seal{range_check_ptr, state_ptr: felt*}(
    public_words: PublicWords*,
    clock: ClockLeaf*,
    money: MoneyLeaf*,
    log: LogLeaf*,
    schedule_leaf: ScheduleLeaf*,
    risk: RiskLeaf*,
    conditionals: ConditionalsLeaf*,
    registers: Registers*,
    chain: Digest*,
) {
    alloc_locals;
    local batch_number = clock.batch_number + 1;
    local requests_done = clock.requests_done + public_words.requests_count;
    local withdrawals = money.withdrawals + public_words.withdrawals_count;
    local commands = log.commands + public_words.commands_count;
    assert_in_range(batch_number, COUNTER_MAX);
    assert_in_range(requests_done, COUNTER_MAX);
    assert_in_range(withdrawals, COUNTER_MAX);
    assert_in_range(commands, COUNTER_MAX);
    assert_in_range(registers.next_order_id, ORDER_ID_MAX);
    assert_in_range(registers.time_ms, TIME_MAX);
    let schedule = registers.schedule;
    assert_at_least(schedule.funding_due_ms, registers.time_ms);
    assert_in_range(schedule.next_sub_account, SUB_ACCOUNT_END);

    assert public_words.batch_number = batch_number;
    assert public_words.requests_before = clock.requests_done;
    assert public_words.log_before0 = log.chain0;
    assert public_words.log_before1 = log.chain1;
    assert public_words.log_before2 = log.chain2;
    assert public_words.log_before3 = log.chain3;
    assert public_words.log_after0 = chain.d0;
    assert public_words.log_after1 = chain.d1;
    assert public_words.log_after2 = chain.d2;
    assert public_words.log_after3 = chain.d3;
    assert public_words.first_time_ms = clock.time_ms;
    assert public_words.last_time_ms = registers.time_ms;

    let slots = registers.slots;
    write_clock(
        ClockLeaf(
            batch_number=batch_number,
            time_ms=registers.time_ms,
            next_order_id=registers.next_order_id,
            requests_done=requests_done,
            order_free=slots.order_free,
            order_high=slots.order_high,
            level_free=slots.level_free,
            level_high=slots.level_high,
        ),
    );
    write_money(
        MoneyLeaf(
            custody=registers.custody,
            fees=registers.fees,
            fund=money.fund,
            withdrawals=withdrawals,
            reserved4=money.reserved4,
            reserved5=money.reserved5,
            reserved6=money.reserved6,
            reserved7=money.reserved7,
        ),
    );
    write_log(
        LogLeaf(
            chain0=chain.d0,
            chain1=chain.d1,
            chain2=chain.d2,
            chain3=chain.d3,
            commands=commands,
            reserved5=log.reserved5,
            reserved6=log.reserved6,
            reserved7=log.reserved7,
        ),
    );
    write_schedule(
        ScheduleLeaf(
            funding_due_ms=schedule.funding_due_ms,
            next_sub_account=schedule.next_sub_account,
            next_names=slots.lists.next_names,
            reserved3=schedule_leaf.reserved3,
            reserved4=schedule_leaf.reserved4,
            reserved5=schedule_leaf.reserved5,
            reserved6=schedule_leaf.reserved6,
            reserved7=schedule_leaf.reserved7,
        ),
    );
    write_risk(
        RiskLeaf(
            pending=schedule.pending,
            due_first=slots.lists.due_first,
            reserved2=risk.reserved2,
            reserved3=risk.reserved3,
            reserved4=risk.reserved4,
            reserved5=risk.reserved5,
            reserved6=risk.reserved6,
            reserved7=risk.reserved7,
        ),
    );
    write_conditionals(
        ConditionalsLeaf(
            free=schedule.waiting_free,
            high=schedule.waiting_high,
            crossed=schedule.crossed,
            reserved3=conditionals.reserved3,
            reserved4=conditionals.reserved4,
            reserved5=conditionals.reserved5,
            reserved6=conditionals.reserved6,
            reserved7=conditionals.reserved7,
        ),
    );
    return ();
}

// Proven here: `remaining` commands, one after the other, each linked to the log.
func execute_commands{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: felt*, remaining: felt, chain: Digest*) -> Digest* {
    if (remaining == 0) {
        return chain;
    }
    let (code, first, second, third, next_advice) = execute_command(env, advice);

    // The link's first block is the last instance that the command left (messages.cairo).
    let message = poseidon2_ptr - Poseidon2.SIZE;
    let outcome = poseidon2_ptr;
    assert outcome.in0 = message.out0 + code;
    assert outcome.in1 = message.out1 + first;
    assert outcome.in2 = message.out2 + second;
    assert outcome.in3 = message.out3 + third;
    assert outcome.in4 = message.out4;
    assert outcome.in5 = message.out5;
    assert outcome.in6 = message.out6;
    assert outcome.in7 = message.out7;
    let link = poseidon2_ptr + Poseidon2.SIZE;
    assert link.in0 = outcome.out0 + chain.d0;
    assert link.in1 = outcome.out1 + chain.d1;
    assert link.in2 = outcome.out2 + chain.d2;
    assert link.in3 = outcome.out3 + chain.d3;
    assert link.in4 = outcome.out4;
    assert link.in5 = outcome.out5;
    assert link.in6 = outcome.out6;
    assert link.in7 = outcome.out7;
    let poseidon2_ptr = poseidon2_ptr + 2 * Poseidon2.SIZE;
    return execute_commands(env, next_advice, remaining - 1, cast(&link.out0, Digest*));
}

// Proven here: the command is of the kind that its record names: each transaction writes its own kind,
// so the kind in the advice only chooses who does.
// Guarantees: the outcome, where the next record is, and the first block of the command's link.
func execute_command{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: felt*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    tempvar kind = [advice];
    if (kind == KIND_PLACE) {
        return l2_place(env, cast(advice, PlaceAdvice*));
    }
    if (kind == KIND_CANCEL) {
        return l2_cancel(env, cast(advice, CancelAdvice*));
    }
    if (kind == KIND_AMEND) {
        return l2_amend(env, cast(advice, AmendAdvice*));
    }
    if (kind == KIND_QUOTE) {
        return l2_quote(env, cast(advice, QuoteAdvice*));
    }
    if (kind == KIND_CANCEL_NAMED) {
        return l2_cancel_named(env, cast(advice, CancelNamedAdvice*));
    }
    if (kind == KIND_TICK) {
        return sequencer_tick(env, cast(advice, TickAdvice*));
    }
    if (kind == KIND_ORACLE_REPORT) {
        return oracle_report(env, cast(advice, OracleReportAdvice*));
    }
    if (kind == KIND_REQUEST) {
        return execute_request(env, cast(advice, RequestAdvice*));
    }
    if (kind == KIND_SET_DEADLINE) {
        return l2_set_deadline(env, cast(advice, SetDeadlineAdvice*));
    }
    if (kind == KIND_CANCEL_ALL) {
        return l2_cancel_all(env, cast(advice, CancelAllAdvice*));
    }
    if (kind == KIND_PLACE_CONDITIONAL) {
        return l2_place_conditional(env, cast(advice, PlaceConditionalAdvice*));
    }
    if (kind == KIND_CANCEL_CONDITIONAL) {
        return l2_cancel_conditional(env, cast(advice, CancelConditionalAdvice*));
    }
    if (kind == KIND_WITHDRAW) {
        return l2_withdraw(env, cast(advice, WithdrawAdvice*));
    }
    if (kind == KIND_BURN_NONCE) {
        return l2_burn_nonce(env, cast(advice, BurnNonceAdvice*));
    }
    if (kind == KIND_TRANSFER) {
        return l2_transfer(env, cast(advice, TransferAdvice*));
    }
    if (kind == KIND_CREATE_ACCOUNT) {
        return l2_create_account(env, cast(advice, CreateAccountAdvice*));
    }
    if (kind == KIND_SET_LEVERAGE) {
        return l2_set_leverage(env, cast(advice, SetLeverageAdvice*));
    }
    if (kind == KIND_FUND) {
        return sequencer_fund(env, cast(advice, FundAdvice*));
    }
    if (kind == KIND_TRIGGER) {
        return sequencer_trigger(env, cast(advice, TriggerAdvice*));
    }
    if (kind == KIND_SWEEP) {
        return sequencer_sweep(env, cast(advice, SweepAdvice*));
    }
    if (kind == KIND_LIQUIDATE) {
        return sequencer_liquidate(env, cast(advice, LiquidateAdvice*));
    }
    if (kind == KIND_DELEVERAGE) {
        return sequencer_deleverage(env, cast(advice, DeleverageAdvice*));
    }
    assert kind = KIND_TIME;
    return sequencer_time(env, cast(advice, TimeAdvice*));
}
