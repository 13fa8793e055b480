"""Errors that belong to HTTP itself, on the API and between peers."""

from chain_engine.primitives.errors import ChainError


class MalformedRequest(ChainError):
    """The request cannot be read."""

    code = "MALFORMED_REQUEST"
    title = "The request cannot be read."
    fix = "Compare it with /openapi.json; `reason` and `path` name the first difference."


class UnknownParameter(ChainError):
    """A query parameter that the resource does not have."""

    code = "UNKNOWN_PARAMETER"
    title = "The resource has no such query parameter."
    fix = "Remove it or correct its name; /openapi.json lists the parameters."


class InvalidParameter(ChainError):
    """A path or query parameter with an impossible value."""

    code = "INVALID_PARAMETER"
    title = "A parameter has a value that it cannot have."
    fix = "`parameter` names it, `reason` says what it must look like."


class NoSuchRoute(ChainError):
    """No resource has this path."""

    code = "NO_SUCH_ROUTE"
    title = "No resource has this path."
    fix = "See /openapi.json for every path."
    status = 404


class MethodNotAllowed(ChainError):
    """The resource exists, but not for this method."""

    code = "METHOD_NOT_ALLOWED"
    title = "The resource does not know this method."
    fix = "Use one of the methods in the Allow header."
    status = 405


class UnsupportedMediaType(ChainError):
    """A body in a form that the resource does not read."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    title = "The resource does not read bodies of this type."
    fix = "Send one of the types in `accepted`, without content encoding."
    status = 415


class RangeNotSatisfiable(ChainError):
    """A range that lies outside the content."""

    code = "RANGE_NOT_SATISFIABLE"
    title = "The asked-for range lies outside the content."
    fix = "Ask again from an offset below `length`, or without Range."
    status = 416


class RateLimited(ChainError):
    """The token bucket of the address or peer is empty."""

    code = "RATE_LIMITED"
    title = "Too many requests from this address."
    fix = "Wait for the seconds in Retry-After; put many transactions into one body."
    status = 429
    retryable = True


class Internal(ChainError):
    """Our fault."""

    code = "INTERNAL"
    title = "The node failed to answer; this is a bug in the node."
    fix = "Report it with the request_id: the node's log has the details under it."
    status = 500


class NotReady(ChainError):
    """The node cannot serve this yet."""

    code = "NOT_READY"
    title = "The node is not ready."
    fix = "Wait; `reason` says what it is waiting for."
    status = 503
    retryable = True


class DeadlineExceeded(ChainError):
    """The answer took too long."""

    code = "DEADLINE_EXCEEDED"
    title = "The answer took longer than the node allows."
    fix = "Try again; ask for less at once."
    status = 503
    retryable = True


class RemoteError(ChainError):
    """A node answered with an error whose code is unknown here."""

    code = "REMOTE_ERROR"
    title = "The node answered with an error."
    fix = "`remote_code` and `remote_detail` are the node's own words."
    status = 502


class NodeUnreachable(ChainError):
    """No answer came from the node."""

    code = "NODE_UNREACHABLE"
    title = "The node does not answer."
    fix = "Check that it runs and that the address is right."
    status = 502
    retryable = True


class DownloadFailed(ChainError):
    """No source gave the content."""

    code = "DOWNLOAD_FAILED"
    title = "The content could not be downloaded from any source."
    fix = "Add a source that has it; what was received is kept and used next time."
    status = 502
    retryable = True


class ProtocolViolation(ChainError):
    """A peer sent what no honest peer sends."""

    code = "PROTOCOL_VIOLATION"
    title = "The peer broke the transport protocol."
    fix = "Run the same version of the software on both nodes (docs/spec/09-transport.md)."


class BadAnswer(ChainError):
    """A peer answered with what no honest peer answers."""

    code = "BAD_ANSWER"
    title = "The peer's answer breaks the transport protocol."
    fix = "Run the same version of the software on both nodes (docs/spec/09-transport.md)."
    status = 502


class PeerUnproven(ChainError):
    """A request without a valid session, or a failed proof."""

    code = "PEER_UNPROVEN"
    title = "The peer has not proven its key."
    fix = "Say hello again: sessions end when a node restarts or when they are idle."
    status = 401


class PeerBanned(ChainError):
    """The peer broke the protocol and is shut out for a while."""

    code = "PEER_BANNED"
    title = "This peer is banned."
    fix = "Wait until the ban ends; `reason` says what led to it."
    status = 403


class PeerUnavailable(ChainError):
    """No configured peer could answer."""

    code = "PEER_UNAVAILABLE"
    title = "No peer could answer."
    fix = "Check the peers' addresses and keys; the node keeps trying."
    status = 503
    retryable = True
