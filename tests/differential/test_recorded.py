"""Recorded order flow through engine and model, and one batch of it in a proof.

rust/batch/tests runs the same commands through the Cairo program; `make prove-recorded` proves all
of them.
"""

from pathlib import Path

from tests.differential.prove_recorded import proven_batches
from tests.differential.recorded import replay
from tests.differential.sealed import compare
from zkperp._generated.events import EventType
from zkperp._generated.refusals import Refusal


def test_ten_thousand_commands_have_the_same_events_leaves_and_roots(tmp_path: Path) -> None:
    writers = compare(replay(tmp_path, batch_orders=500, batches=20, deposit=10_000_000))
    assert writers.user_commands == 10_000
    assert writers.signatures.asked > 10_000
    assert any(event.type == EventType.TRADE for event in writers.events)


def test_accounts_with_little_money_have_the_same_too(tmp_path: Path) -> None:
    # Margin decides here: rows are refused, and with them what is to become of their orders.
    flow = replay(tmp_path, batch_orders=500, batches=4, deposit=3_000)
    assert str(int(Refusal.INITIAL_MARGIN)) in flow.report["refused"]
    assert compare(flow).user_commands == 2_000


def test_a_proof_says_what_the_model_says(tmp_path: Path) -> None:
    flow = replay(tmp_path, batch_orders=150, batches=1, deposit=10_000_000)
    (proven,) = proven_batches(flow)
    assert proven.commands > 150
    assert proven.security_bits >= 100
