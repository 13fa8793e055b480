"""Challenges that wait for a proof, and sessions of proven peers: bounded and forgetful."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from chain_engine.crypto.keys import SecretKey
from chain_engine.http.errors import PeerUnproven
from chain_engine.http.peer.handshake import (
    NONCE_BYTES,
    TOKEN_BYTES,
    Challenge,
    Hello,
    Proof,
    Session,
    sign_challenge,
    verify_hello,
    verify_proof,
)
from chain_engine.http.peer.settings import PeerSettings


@dataclass(slots=True)
class _Open:
    peer: bytes
    used_at: float


class Sessions:
    """The responder's side of the handshake."""

    def __init__(
        self,
        key: SecretKey,
        network: bytes,
        settings: PeerSettings,
        draw: Callable[[int], bytes],
        clock: Callable[[], float],
    ) -> None:
        """`draw` gives unpredictable bytes, `clock` seconds that never go back."""
        self._key = key
        self._network = network
        self._settings = settings
        self._draw = draw
        self._clock = clock
        self._pending: OrderedDict[tuple[bytes, bytes], tuple[Hello, bytes, float]] = OrderedDict()
        self._open: OrderedDict[bytes, _Open] = OrderedDict()

    def challenge(self, hello: Hello) -> Challenge:
        """Answer a hello.

        Raises:
            PeerUnproven: it is not meant for this node.
        """
        verify_hello(hello, network=self._network, responder=self._key.public)
        nonce = self._draw(NONCE_BYTES)
        self._pending[hello.initiator, hello.nonce] = (hello, nonce, self._clock())
        if len(self._pending) > self._settings.pending_max:
            self._pending.popitem(last=False)
        return sign_challenge(self._key, hello, nonce)

    def open(self, proof: Proof) -> tuple[bytes, Session]:
        """Open a session for a proof; a challenge can be used once.

        Returns:
            The peer's key and the session.

        Raises:
            PeerUnproven: no such challenge, too late, or not by that key.
        """
        pending = self._pending.pop((proof.initiator, proof.initiator_nonce), None)
        if pending is None:
            raise PeerUnproven(reason="no challenge waits for this proof")
        hello, nonce, at = pending
        if (self._clock() - at) * 1000 > self._settings.pending_ms:
            raise PeerUnproven(reason="the challenge is over")
        verify_proof(hello, nonce, proof)
        token = self._draw(TOKEN_BYTES)
        self._make_room(hello.initiator)
        self._open[token] = _Open(hello.initiator, self._clock())
        return hello.initiator, Session(token=token, idle_ms=self._settings.session_idle_ms)

    def peer_of(self, token: str | None) -> bytes:
        """Key of the peer that holds a session.

        Raises:
            PeerUnproven: no such session, or idle for too long.
        """
        try:
            raw = bytes.fromhex(token or "")
        except ValueError:
            raise PeerUnproven(reason="token") from None
        session = self._open.get(raw)
        if session is None:
            raise PeerUnproven(reason="no session")
        now = self._clock()
        if (now - session.used_at) * 1000 > self._settings.session_idle_ms:
            del self._open[raw]
            raise PeerUnproven(reason="the session ended")
        session.used_at = now
        self._open.move_to_end(raw)
        return session.peer

    def close(self, peer: bytes) -> None:
        """End every session of a peer."""
        for token in [t for t, session in self._open.items() if session.peer == peer]:
            del self._open[token]

    def _make_room(self, peer: bytes) -> None:
        own = [token for token, session in self._open.items() if session.peer == peer]
        if len(own) >= self._settings.sessions_per_key_max:
            del self._open[own[0]]
        elif len(self._open) >= self._settings.sessions_max:
            self._open.popitem(last=False)
