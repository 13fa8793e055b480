"""How long to wait after a failure: doubling, bounded, with jitter. Pure."""

from collections.abc import Callable


class Backoff:
    """Waits of one link."""

    def __init__(self, *, first_ms: int, max_ms: int, jitter: Callable[[], float]) -> None:
        """`jitter` draws from 0 to 1; half of every wait is left to it."""
        self._first_ms = first_ms
        self._max_ms = max_ms
        self._jitter = jitter
        self._failures = 0

    def next_ms(self) -> float:
        """Wait after one more failure."""
        full = min(self._max_ms, self._first_ms * (1 << min(self._failures, 30)))
        self._failures += 1
        return full / 2 + self._jitter() * full / 2

    def reset(self) -> None:
        """It worked: begin anew."""
        self._failures = 0
