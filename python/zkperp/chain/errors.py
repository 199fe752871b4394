"""What goes wrong with a chain.

ChainError (ZkperpError)
├── ChainUnreachable      no node answers at the address
├── DeploymentInterrupted a venue's addresses are taken by something else
├── DevnetFailed          the local chain does not start
├── NotOurContract        the address holds no contract, or another one
├── Reverted              a contract refuses, with the name and arguments of its error
├── TransactionFailed     mined and without effect, for no reason that a contract gave: out of gas
└── TransactionRefused    the node does not take the transaction: no funds, too much gas
"""

from collections.abc import Mapping

from zkperp.errors import ZkperpError


class ChainError(ZkperpError):
    """Base of all: nothing was changed on the chain by what raised it."""

    error_code = "chain-error"


class ChainUnreachable(ChainError):
    """No node answers. A transaction that was sent may still be mined."""

    error_code = "chain-unreachable"


class DeploymentInterrupted(ChainError):
    """Transactions of the deployer's that are not the venue's stand among the venue's.

    Args:
        sender: the deployer.
        transaction: number of the first one.
    """

    error_code = "deployment-interrupted"

    def __init__(self, sender: str, transaction: int) -> None:
        super().__init__(
            f"transaction {transaction} of {sender} did not deploy the venue's contract: "
            "deploy from an account that does nothing else meanwhile, or on a fresh chain"
        )
        self.sender = sender
        self.transaction = transaction


class DevnetFailed(ChainError):
    """The local chain's program is not there, or ends at once."""

    error_code = "devnet-failed"


class NotOurContract(ChainError):
    """An address at which there is no contract of the kind that is expected."""

    error_code = "not-our-contract"


class Reverted(ChainError):
    """A contract refused a call.

    Args:
        name: the error's name in the contract, such as `BatchOutOfOrder`.
        arguments: its arguments by name; of bytes as hex.
        data: the raw answer.
    """

    error_code = "reverted"

    def __init__(self, name: str, arguments: Mapping[str, object], data: bytes) -> None:
        listed = ", ".join(f"{key} = {value}" for key, value in arguments.items())
        super().__init__(f"the contract refuses: {name}" + (f" ({listed})" if listed else ""))
        self.name = name
        self.arguments = dict(arguments)
        self.data = data


class TransactionFailed(ChainError):
    """A mined transaction without effect.

    Args:
        transaction: its hash.
        gas_used: what it burned.
        gas_limit: what it was allowed.
    """

    error_code = "transaction-failed"

    def __init__(self, transaction: str, gas_used: int, gas_limit: int) -> None:
        why = "out of gas" if gas_used >= gas_limit else "no reason given"
        super().__init__(f"transaction {transaction} failed: {why}, {gas_used} of {gas_limit} gas")
        self.transaction = transaction
        self.gas_used = gas_used
        self.gas_limit = gas_limit


class TransactionRefused(ChainError):
    """The node does not take a transaction; the message is the node's."""

    error_code = "transaction-refused"
