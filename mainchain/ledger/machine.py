"""The main chain's state machine: what the engine drives (docs/spec/11-main-chain.md)."""

from chain_engine.blocks.parameters import ChainParameters
from chain_engine.ledger.native import NativeLedger
from mainchain.ledger.kinds import KINDS


class MainLedger(NativeLedger):
    """The ACC ledger: accounts, registered chains and the bridge to each of them."""

    def __init__(self, chain_id: bytes, parameters: ChainParameters) -> None:
        """`chain_id` is the main chain's own; `parameters` are those in force."""
        super().__init__(main_chain=chain_id, kinds=KINDS, parameters=parameters)
