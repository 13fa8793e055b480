"""What this machine allows its peers. Not protocol: two nodes may differ."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PeerSettings:
    """Limits of the peer transport, on both its sides."""

    batch_messages_max: int = 256
    """Consensus messages in one body."""

    batch_bytes_max: int = 4 * MIB
    """Bytes of one body of consensus messages."""

    queue_messages_max: int = 2_048
    """Consensus messages waiting for one peer; the oldest is dropped."""

    queue_bytes_max: int = 32 * MIB
    """Bytes waiting for one peer; the oldest message is dropped."""

    announce_hashes_max: int = 2_000
    """Transaction hashes in one announcement."""

    gossip_hashes_max: int = 20_000
    """Announcements waiting for one peer; the oldest is dropped."""

    fetch_hashes_max: int = 1_000
    """Transactions asked for at once."""

    fetch_bytes_max: int = 8 * MIB
    """Bytes of one answer with transactions; what does not fit is left empty."""

    blocks_max: int = 64
    """Blocks asked for at once."""

    blocks_bytes_max: int = 16 * MIB
    """Bytes of one answer with blocks; at least one block is given."""

    call_timeout_ms: int = 30_000
    """Longest time for one request to a peer."""

    silence_timeout_ms: int = 5_000
    """Longest silence of a peer inside a request."""

    connect_timeout_ms: int = 2_000
    """Longest time to reach a peer."""

    backoff_first_ms: int = 100
    """Wait after a first failure; doubles with every further one."""

    backoff_max_ms: int = 3_000
    """Longest wait between two attempts."""

    session_idle_ms: int = 600_000
    """A session that is not used for so long ends."""

    sessions_max: int = 512
    """Sessions held at once; the longest unused ends."""

    sessions_per_key_max: int = 4
    """Sessions of one peer; the longest unused ends."""

    pending_max: int = 4_096
    """Challenges that wait for their proof; the oldest is forgotten."""

    pending_ms: int = 10_000
    """How long a challenge waits for its proof."""

    tokens_per_s: float = 2_000.0
    """Requests per second that one peer may make for long; 0 for no limit."""

    tokens_max: float = 10_000.0
    """Requests that one peer may make at once after a pause."""

    strikes_max: int = 3
    """Violations within `strike_window_ms` that lead to a ban."""

    strike_window_ms: int = 600_000
    """How long a violation is remembered."""

    ban_ms: int = 600_000
    """How long a ban lasts."""
