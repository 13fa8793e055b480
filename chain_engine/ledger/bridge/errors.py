"""What the bridge refuses. Codes of this module also stand in acks as reasons of FAILED."""

from chain_engine.primitives.errors import ChainError


class UnknownChain(ChainError):
    """No such peer chain."""

    code = "UNKNOWN_CHAIN"
    title = "This chain has no such peer chain."
    fix = "Check the chain id; a sidechain's only peer is the main chain."
    status = 404


class ChainExists(ChainError):
    """The peer, or its name, is taken."""

    code = "CHAIN_EXISTS"
    title = "A chain of this id or name is already registered."
    fix = "Choose another name; an id belongs to one genesis header."
    status = 409


class ChainNotActive(ChainError):
    """The peer is frozen or terminated."""

    code = "CHAIN_NOT_ACTIVE"
    title = "The peer chain is frozen or terminated."
    fix = "Wait for the delegates of the main chain to decide; nothing crosses meanwhile."
    status = 409


class TooManyChains(ChainError):
    """The number of peers is bounded."""

    code = "TOO_MANY_CHAINS"
    title = "No more chains can be registered."
    fix = "The limit is given; it is a protocol constant."
    status = 422


class NotCheckpoint(ChainError):
    """A header between two checkpoints cannot be certified here."""

    code = "NOT_CHECKPOINT"
    title = "Only checkpoint headers of this chain are accepted."
    fix = "Relay the header of a height that `every` divides."
    status = 422


class StaleProof(ChainError):
    """The proof is for another header than the one certified last."""

    code = "STALE_PROOF"
    title = "The proof is for another header than the last one certified here."
    fix = "Fetch the proof again for the height given as `certified`."
    status = 409
    retryable = True


class CommitmentNotProven(ChainError):
    """A peer commitment does not belong to the certified header."""

    code = "COMMITMENT_NOT_PROVEN"
    title = "The commitment is not proven under the certified header."
    fix = "Fetch the commitment proof for this chain and the certified height."
    status = 422


class MessageNotProven(ChainError):
    """A message does not belong to the peer's outbox."""

    code = "MESSAGE_NOT_PROVEN"
    title = "The message is not proven to be in the peer's outbox."
    fix = "Fetch the message proof for the committed outbox size."
    status = 422


class AckNotProven(ChainError):
    """An ack does not belong to the peer's ack log."""

    code = "ACK_NOT_PROVEN"
    title = "The ack is not proven to be in the peer's ack log."
    fix = "Fetch the ack proof for the committed ack size."
    status = 422


class OutOfOrder(ChainError):
    """A message or ack is not the next one, so it was relayed already or comes too early."""

    code = "OUT_OF_ORDER"
    title = "This is not the next message or ack of the queue."
    fix = "Relay from `expected` on; what lies before was relayed already."
    status = 409


class MessageExpired(ChainError):
    """A message would be sent already expired."""

    code = "MESSAGE_EXPIRED"
    title = "The message would have expired before it is sent."
    fix = "Choose a later expires_at_ms, in milliseconds of the destination's header time."
    status = 422


class EscrowExceeded(ChainError):
    """A peer asks for more than was locked for it."""

    code = "ESCROW_EXCEEDED"
    title = "The peer asks for more units than are locked for it."
    fix = "The peer chain is frozen: it created units that were never sent to it."
    status = 422


class TooManyAssets(ChainError):
    """A peer may bring a bounded number of different assets."""

    code = "TOO_MANY_ASSETS"
    title = "This peer already has the most different assets in circulation here."
    fix = "Send an asset that is already in circulation, or return others home first."
    status = 422


class BadMessage(ChainError):
    """A proven message breaks a rule, or one to be sent would."""

    code = "BAD_MESSAGE"
    title = "The message breaks a rule."
    fix = "`field` names the field; docs/spec/07-bridge.md gives its range."
    status = 422


class KindNotSupported(ChainError):
    """The destination does not take messages of this kind."""

    code = "KIND_NOT_SUPPORTED"
    title = "The destination does not take messages of this kind."
    fix = "Send a TRANSFER; CALL is for chains that run contracts."
    status = 422


class GasNotPayable(ChainError):
    """Gas of a call cannot be paid out of an ACC fee here."""

    code = "GAS_NOT_PAYABLE"
    title = "This chain sells gas for another asset than ACC, so a message cannot buy it."
    fix = "Deposit with a TRANSFER, then call with a transaction on that chain."
    status = 422
