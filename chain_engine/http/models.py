"""Shapes of queries and answers of the generic chain resources: the source of the OpenAPI text.

Amounts are decimal strings, ids and bytes lower-case hex, times ISO 8601 UTC and milliseconds.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from chain_engine.http.routes import Model
from chain_engine.primitives.limits import AMOUNT_MAX

Hex = Annotated[str, Field(pattern="^([0-9a-f]{2})*$")]
"""Bytes in lower-case hex."""

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""Thirty-two bytes in lower-case hex."""

Amount = Annotated[str, Field(pattern="^(0|[1-9][0-9]{0,18})$")]
"""Units as a decimal string."""

Height = Annotated[int, Field(ge=0, le=AMOUNT_MAX)]

Limit = Annotated[int, Field(ge=1, le=100, description="Entries in one answer.")]


class BeforeQuery(Model):
    """A page of a list that goes downwards."""

    before: Height | None = Field(None, description="Only entries below this cursor.")
    limit: Limit = 20


class AfterQuery(Model):
    """A page of a list that goes upwards."""

    after: Height | None = Field(None, description="Only entries behind this cursor.")
    limit: Limit = 20


class FromQuery(Model):
    """A page of numbered entries."""

    from_seq: Height = Field(0, alias="from", description="First entry.")
    limit: Limit = 20


class HeightQuery(Model):
    """What a proof is to be checked against."""

    height: Height | None = Field(None, description="Height of the header; the newest if absent.")


class EventsQuery(Model):
    """A page of the event log."""

    after: Height = Field(0, description="Only events behind this cursor.")
    limit: Annotated[int, Field(ge=1, le=1000, description="Entries in one answer.")] = 100
    name: str | None = Field(None, max_length=64, description="Only events of this name.")


class StreamQuery(Model):
    """Where an event stream begins."""

    after: Height | None = Field(
        None, description="Cursor to begin behind; Last-Event-ID goes first; the newest if absent."
    )
    name: str | None = Field(None, max_length=64, description="Only events of this name.")


class SubmitQuery(Model):
    """How long to wait for the outcome."""

    wait: Literal["committed"] | None = Field(None, description="Answer after the commit.")
    timeout_ms: Annotated[int, Field(ge=1, le=600_000)] | None = Field(
        None, description="Longest wait; the server's own limit if that is shorter."
    )


class WaitQuery(Model):
    """How long to wait."""

    timeout_ms: Annotated[int, Field(ge=1, le=600_000)] | None = Field(
        None, description="Longest wait; the server's own limit if that is shorter."
    )


class HeaderView(Model):
    """A header's fields."""

    height: int
    id: Hash
    chain_id: Hash
    round: int
    time: str
    time_ms: int
    parent_id: Hash
    transactions_root: Hash
    receipts_root: Hash
    state_root: Hash
    bridge_root: Hash
    delegates_hash: Hash
    next_delegates_hash: Hash
    parameters_hash: Hash
    evidence_root: Hash
    parent_certificate_hash: Hash
    seed: Hash
    consensus_root: Hash
    forger: Hex


class CertificateView(Model):
    """A certificate's fields."""

    height: int
    round: int
    block_id: Hash
    signers: Hex
    signatures: list[Hex]


class BlockView(Model):
    """A block without its transactions, which have their own list."""

    header: HeaderView
    certificate: CertificateView | None
    transaction_count: int
    transaction_bytes: int


class BlockSummaryView(Model):
    """A block in a list."""

    header: HeaderView
    transaction_count: int
    body_bytes: int


class BlockList(Model):
    """Blocks, newest first."""

    data: list[BlockSummaryView]
    has_more: bool
    next_cursor: str | None


class EventView(Model):
    """An event inside a receipt."""

    name: str
    data: dict[str, Any]


class ReceiptView(Model):
    """What became of a transaction."""

    id: Hash
    code: str
    gas: int
    fee: Amount
    events: list[EventView]


class TransactionView(Model):
    """A committed transaction."""

    id: Hash
    witness_hash: Hash
    height: int
    index: int
    kind: str
    sender: str
    cosigners: list[str]
    nonce: int
    valid_until_height: int
    fee: Amount
    gas_limit: int
    payload: Hex
    payload_values: Any
    raw: Hex
    receipt: ReceiptView | None


class TransactionList(Model):
    """Transactions in the order of the list."""

    data: list[TransactionView]
    has_more: bool
    next_cursor: str | None


class SubmitBody(Model):
    """Signed transactions in hex; 1 to 1,000."""

    transactions: Annotated[list[Hex], Field(min_length=1, max_length=1000)]


class ItemError(Model):
    """Why one transaction was refused; the members of a problem document."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    values: dict[str, Any]
    fix: str
    doc_url: str
    retryable: bool


class SubmitItem(Model):
    """What became of one submitted transaction."""

    id: Hash | None
    status: Literal["accepted", "committed", "refused"]
    error: ItemError | None
    height: int | None
    index: int | None
    receipt: ReceiptView | None


class SubmitAnswer(Model):
    """One item for every submitted transaction, in order."""

    data: list[SubmitItem]


class SimulateBody(Model):
    """One signed transaction in hex."""

    transaction: Hex


class SimulateAnswer(Model):
    """The receipt it would get on the committed state."""

    height: int
    receipt: ReceiptView


class AccountView(Model):
    """An account in the committed state."""

    address: str
    account: Hex
    height: int
    nonce: int
    balances: dict[str, Amount]
    details: dict[str, Any]


class StateProofView(Model):
    """A value, or its absence, under a header's state root."""

    height: int
    header_id: Hash
    state_root: Hash
    key: Hex
    value: Hex | None
    proof: Hex


class TransactionProofView(Model):
    """A transaction and its receipt under a header's roots; `proof` is an encoded struct."""

    height: int
    header_id: Hash
    transactions_root: Hash
    receipts_root: Hash
    witness_hash: Hash
    proof: Hex


class BridgeProofView(Model):
    """A message or an ack under a header's bridge root."""

    height: int
    header_id: Hash
    bridge_root: Hash
    entry: Hex
    commitment: Hex


class HeaderBundleView(Model):
    """All that a light client or a relayer needs of one height."""

    height: int
    id: Hash
    header: Hex
    certificate: Hex | None
    delegates: Hex
    fields: HeaderView


class CommitmentView(Model):
    """What a header commits to about one peer chain."""

    peer: Hash
    outbox_root: Hash
    outbox_size: int
    ack_root: Hash
    ack_size: int
    settle_next: int
    vouchers_root: Hash
    status: int
    encoded: Hex


class CommitmentList(Model):
    """Commitments of one height, ascending by peer."""

    height: int
    data: list[CommitmentView]


class MessageView(Model):
    """One entry of an outbox."""

    seq: int
    kind: str
    asset_home: Hash
    asset_symbol: str
    amount: Amount
    sender: str
    recipient: str
    expires_at_ms: int
    fee: Amount
    memo: str
    encoded: Hex


class MessageList(Model):
    """Messages towards one peer, in order."""

    data: list[MessageView]
    has_more: bool
    next_cursor: str | None


class LoggedEvent(Model):
    """One event of the chain's ordered log."""

    cursor: int
    height: int
    index: int
    transaction_id: Hash
    name: str
    data: dict[str, Any]


class EventList(Model):
    """Events behind a cursor; `next_cursor` is where to go on, also when the list is empty."""

    data: list[LoggedEvent]
    has_more: bool
    next_cursor: str


class DelegateView(Model):
    """One delegate."""

    key: Hex
    address: str
    weight: Amount


class DelegateList(Model):
    """The set that signs the next block, ascending by key."""

    height: int
    hash: Hash
    total_weight: Amount
    data: list[DelegateView]


class ChainView(Model):
    """A chain that this node serves."""

    chain_id: Hash
    name: str
    height: int
    path: str


class ChainList(Model):
    """Every chain that this node serves."""

    data: list[ChainView]


class FeesView(Model):
    """Prices in units of the fee asset."""

    asset: str
    byte_fee: Amount
    gas_price: Amount
    relay_fee: Amount


class StatusView(Model):
    """Where a chain stands."""

    chain_id: Hash
    name: str
    machine: str
    height: int
    block_id: Hash
    time: str
    time_ms: int
    state_root: Hash
    delegates: int
    block_interval_ms: int
    idle_interval_ms: int
    fees: FeesView
    node: dict[str, Any]


class HealthView(Model):
    """The process answers."""

    status: Literal["ok"]


class ReadyView(Model):
    """The node serves what it should."""

    status: Literal["ready"]


class QueryAnswer(Model):
    """A query's result at a height."""

    height: int
    data: Any


class DAppView(Model):
    """Methods and queries of a DApp."""

    chain_id: Hash
    name: str
    description: dict[str, Any]
