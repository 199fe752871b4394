"""What the tests of real proofs share: one run of the demo."""

import json
from pathlib import Path

import pytest

from tests.chain.demo_run import command
from tests.contracts.chain import ANVIL
from zkperp.chain.devnet import ANVIL_VARIABLE


@pytest.fixture(scope="session")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo's batches and proofs are: generated flow, twelve orders a batch."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ANVIL_VARIABLE, str(ANVIL))
        patch.delenv("FLOW", raising=False)
        patch.chdir(folder)
        result = command("demo", "--out", folder / "out", "--batch-orders", 12)
    (folder / "result.json").write_text(json.dumps(result))
    return folder / "out"
