"""The error shape of the whole system.

Somebody else's fault is an error with a stable code; our own fault is an assertion. One exception
class per rule. The class carries `code`, `title`, `fix` and the HTTP status; the instance carries
the values that were wrong. The same codes appear in Python, HTTP, CLI, SDK and docs
(docs/spec/02-errors.md is checked against this registry by a test).
"""

from typing import ClassVar

REGISTRY: dict[str, type["ChainError"]] = {}
"""Every concrete error class by its code; filled as classes are defined."""


def _place(error: type) -> tuple[str, str]:
    """Where a class is defined: a module that is imported again defines the same class anew."""
    return error.__module__, error.__qualname__


class ChainError(Exception):
    """Anything that a caller, a peer or a user can do wrong."""

    code: ClassVar[str] = ""
    """Stable name, `UPPER_SNAKE`; never changes meaning."""

    title: ClassVar[str] = ""
    """One plain sentence: what happened."""

    fix: ClassVar[str] = ""
    """What to do about it."""

    status: ClassVar[int] = 400
    """HTTP status this error travels with."""

    retryable: ClassVar[bool] = False
    """Whether the same request can succeed later without being changed."""

    def __init_subclass__(cls) -> None:
        """Register the class; two classes with one code are a bug."""
        super().__init_subclass__()
        if "code" in cls.__dict__:
            other = REGISTRY.get(cls.code)
            if other is not None and _place(other) != _place(cls):
                msg = f"error code {cls.code} is used by {other} and {cls}"
                raise AssertionError(msg)
            REGISTRY[cls.code] = cls

    def __init__(self, **values: object) -> None:
        """Keep the offending values; bytes are shown as lower-case hex."""
        self.values: dict[str, object] = {
            name: value.hex() if isinstance(value, bytes) else value
            for name, value in values.items()
        }
        super().__init__(self.detail)

    @property
    def detail(self) -> str:
        """The title with the values behind it."""
        if not self.values:
            return self.title
        return f"{self.title} ({', '.join(f'{k}={v}' for k, v in self.values.items())})"


class NotFound(ChainError):
    """The asked-for thing does not exist (yet)."""

    code = "NOT_FOUND"
    title = "There is no such thing here."
    fix = "Check the id; if it was made a moment ago, wait for the next block."
    status = 404


class LimitExceeded(ChainError):
    """A named limit was passed."""

    code = "LIMIT_EXCEEDED"
    title = "A limit was passed."
    fix = "Make it smaller: the limit and the value are given."
    status = 413
