"""What this machine allows over HTTP. Not protocol: two nodes may differ.

Limits are checked before anything is decoded; every one is named in docs/spec/10-api.md.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Limits and addresses of the API server."""

    host: str = "127.0.0.1"
    """Address to listen on; loopback unless the operator says otherwise."""

    port: int = 8080
    """TCP port, 0 for a free one."""

    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may read answers; `*` for all, empty for none."""

    body_bytes_max: int = 256 * 1024
    """Largest request body of an ordinary resource."""

    submit_bytes_max: int = 8 * 1024 * 1024
    """Largest body of `POST transactions`."""

    submit_transactions_max: int = 1_000
    """Transactions in one body of `POST transactions`."""

    page_items_max: int = 1_000
    """Largest `limit` of a list, where the list itself does not have a smaller one."""

    header_bytes_max: int = 8 * 1024
    """Longest request line and longest single header."""

    headers_max: int = 64
    """Headers of one request."""

    keep_alive_s: float = 75.0
    """How long an idle connection stays open, seconds."""

    first_request_s: float = 15.0
    """How long a new connection may take to send its first whole request, seconds."""

    deadline_ms: int = 30_000
    """Longest time for one answer; event streams have none."""

    wait_ms_max: int = 20_000
    """Longest `wait=committed`."""

    tokens_per_s: float = 500.0
    """Requests per second that one address may make for long; 0 for no limit."""

    tokens_max: float = 2_000.0
    """Requests that one address may make at once after a pause."""

    token_addresses_max: int = 10_000
    """Addresses whose buckets are remembered; the longest unused is forgotten."""

    transactions_per_token: int = 50
    """Transactions in a submitted body that cost one token."""

    stream_heartbeat_ms: int = 15_000
    """Silence after which an event stream sends a comment."""

    stream_slow_ms: int = 10_000
    """How long one write to an event stream may block before its reader is sent away."""

    stream_grace_ms: int = 30_000
    """How long a reader that was sent away may still fetch what is on its way to it."""

    streams_max: int = 200
    """Event streams open at once."""

    connections_max: int = 1_000
    """Connections open at once."""
