"""What goes wrong between a venue and its chain.

SettlementError (ZkperpError)      nothing of the venue was lost: a rerun carries on
├── BatchRefused                   the contract refuses a batch, with its reason
├── ChainBehind                    the chain's clock is behind a batch's
├── GenesisMismatch                the contract began from another state than these parameters make
├── NotOnChain                     the contract has not accepted this batch
├── NotOperator                    another address submits this venue's batches
├── NotProven                      there is no proof to submit
├── OtherRoot                      the contract accepted another history than this one
├── ProofMismatch                  a proof that is not of this batch, program or shape
├── RequestsDiffer                 the contract's queue holds other requests than the venue's
├── TokensMissing                  an owner has less than it deposits
├── Undone                         a reorganisation took back what was accepted
├── WrongChain                     a chain of another id
└── WrongRollup                    another contract than the venue's
"""

from zkperp.chain import Reverted
from zkperp.errors import ZkperpError


class SettlementError(ZkperpError):
    """Base of all."""

    error_code = "settlement-error"


class BatchRefused(SettlementError):
    """The contract refuses a batch. Nothing was sent.

    Args:
        number: the batch.
        reverted: what the contract said.
    """

    error_code = "batch-refused"

    def __init__(self, number: int, reverted: Reverted) -> None:
        super().__init__(f"batch {number}: {reverted}")
        self.number = number
        self.reason = reverted.name


class ChainBehind(SettlementError):
    """A batch ends later than the chain's clock allows.

    Args:
        number: the batch.
        seconds: how long until the chain takes it.
    """

    error_code = "chain-behind"

    def __init__(self, number: int, seconds: int) -> None:
        super().__init__(
            f"batch {number} ends {seconds} s later than the chain's clock allows: "
            "run settle again then"
        )
        self.number = number
        self.seconds = seconds


class GenesisMismatch(SettlementError):
    """The contract's first root is not the one that the parameters make."""

    error_code = "genesis-mismatch"


class NotOnChain(SettlementError):
    """The contract has not accepted this batch, or accepted another of its number."""

    error_code = "not-on-chain"


class NotOperator(SettlementError):
    """The key at hand is not the operator's.

    Args:
        operator: who submits batches.
        got: whose key it is.
    """

    error_code = "not-operator"

    def __init__(self, operator: str, got: str) -> None:
        super().__init__(f"the venue's operator is {operator}, the key is that of {got}")
        self.operator = operator
        self.got = got


class NotProven(SettlementError):
    """Nothing can be submitted: the next batch has no proof."""

    error_code = "not-proven"


class OtherRoot(SettlementError):
    """The contract's history is not the directory's."""

    error_code = "other-root"


class ProofMismatch(SettlementError):
    """A proof about something else than it should be."""

    error_code = "proof-mismatch"


class RequestsDiffer(SettlementError):
    """The contract's queue does not hold the venue's requests."""

    error_code = "requests-differ"


class TokensMissing(SettlementError):
    """An owner has fewer tokens than it deposits. Nothing was sent.

    Args:
        owner: whose tokens.
        balance: what there are, micro-USDC.
        amount: the deposit, micro-USDC.
        advice: how the owner gets more.
    """

    error_code = "tokens-missing"

    def __init__(self, owner: str, balance: int, amount: int, advice: str) -> None:
        has, wanted = (f"{micro // 10**6:,}.{micro % 10**6:06} USDC" for micro in (balance, amount))
        super().__init__(f"{owner} has {has}, the deposit is {wanted}: {advice}")
        self.owner = owner
        self.balance = balance
        self.amount = amount


class Undone(SettlementError):
    """The chain was reorganised: what it had accepted is gone."""

    error_code = "undone"


class WrongChain(SettlementError):
    """A chain of another id.

    Args:
        expected: the venue's.
        got: the node's.
    """

    error_code = "wrong-chain"

    def __init__(self, expected: int, got: int) -> None:
        super().__init__(f"the venue is on chain {expected}, the node on chain {got}")
        self.expected = expected
        self.got = got


class WrongRollup(SettlementError):
    """The contract at the address is not this venue's."""

    error_code = "wrong-rollup"
