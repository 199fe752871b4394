"""Package the contracts: from forge's output to python/zkperp/_generated/contracts.

Run by `make generate`, behind a forge build of exactly these sources: what else is compiled beside
them may change the order in which the compiler's optimizer meets their functions.
"""

import json
import sys
from pathlib import Path

from zkperp.chain.artifacts import PACKAGED

TARGET = Path(__file__).parents[1] / "_generated" / "contracts"


def package(built: Path) -> None:
    """Write a JSON of interface and code for each contract; remove those of other contracts."""
    TARGET.mkdir(exist_ok=True)
    for name, source in PACKAGED.items():
        content = json.loads((built / Path(source).name / f"{name}.json").read_text())
        short = {
            "contract": f"contracts/{source}",
            "abi": content["abi"],
            "bytecode": content["bytecode"]["object"],
            "code_bytes": len(content["deployedBytecode"]["object"]) // 2 - 1,
        }
        (TARGET / f"{name}.json").write_text(json.dumps(short, indent=1) + "\n")
    for file in TARGET.glob("*.json"):
        if file.stem not in PACKAGED:
            file.unlink()


if __name__ == "__main__":
    package(Path(sys.argv[1]))
