"""When a node must not sign although it is a delegate: while it catches up, or knows too little.

A sign-state that is missing may be a lost one: the node then watches until it has seen two more
heights being decided, so that whatever it signed before is behind it.
"""

WATCHED_HEIGHTS = 2
"""Heights watched before the first signature under a missing sign-state."""

SYNCED_HEIGHTS = 3
"""Heights in a row fetched without our vote that show: the network lives without us."""


class SigningWatch:
    """Decides whether the node may sign at a height."""

    def __init__(self, *, is_new: bool) -> None:
        """`is_new`: the sign-state knows nothing, and nobody confirmed that this is right."""
        self.is_catching_up = False
        self._is_new = is_new
        self._sign_from = 0
        self._synced = 0
        self._signed_height = 0

    def may_sign(self, height: int) -> bool:
        """Whether signatures are allowed at this height."""
        return not self.is_catching_up and height >= self._sign_from

    def note_start(self, height: int) -> None:
        """Note that the node starts on a chain that has blocks, `height` being the next."""
        if self._is_new:
            self._sign_from = height + WATCHED_HEIGHTS

    def note_signed(self, height: int) -> None:
        """Note a signature."""
        self._signed_height = height
        self._synced = 0

    def note_synced(self, passed: int, height: int) -> None:
        """Note that `passed` heights below `height` were fetched from peers.

        Watching is safe for liveness only where the others decided several heights without us.
        """
        self._synced = min(self._synced + passed, height - 1 - self._signed_height)
        if self._is_new and self._synced >= SYNCED_HEIGHTS:
            self._sign_from = max(self._sign_from, height + WATCHED_HEIGHTS)
