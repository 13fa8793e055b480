"""Hello: both sides prove their key to each other, for this pair and this moment only. Pure.

```
initiator                                   responder
Hello{network, keys of both, nonce_i}  ->
                                       <-   Challenge{nonce_r, signature over all of it}
Proof{nonces, signature over all of it} ->
                                       <-   Session{token}
```

Every signature covers the role, the network, both keys and both nonces. So a signature made for
one responder is worth nothing to another: a node that passes a hello on to a third one fails.
"""

from typing import Literal

from chain_engine.codec.canonical import Struct, encode
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.keys import SecretKey, is_signature_valid
from chain_engine.http.errors import PeerUnproven

HELLO_VERSION = 1
NONCE_BYTES = 32
TOKEN_BYTES = 32

Role = Literal["initiator", "responder"]


class Hello(Struct, frozen=True):
    """First message of whoever connects."""

    version: int
    """Format: 1."""

    network: bytes
    """Id of the main chain, 32 bytes."""

    initiator: bytes
    """Tagged key of the sender."""

    responder: bytes
    """Tagged key that the sender expects at this address."""

    nonce: bytes
    """32 random bytes of the sender."""


class Challenge(Struct, frozen=True):
    """Answer to a hello."""

    nonce: bytes
    """32 random bytes of the responder."""

    signature: bytes
    """The responder's, 64 bytes."""


class Proof(Struct, frozen=True):
    """The initiator's half."""

    initiator: bytes
    """Tagged key of the sender."""

    initiator_nonce: bytes
    """Its nonce of the hello."""

    signature: bytes
    """The initiator's, 64 bytes."""


class Session(Struct, frozen=True):
    """What the proof is answered with."""

    token: bytes
    """32 random bytes that go, in hex, into the header of every later request."""

    idle_ms: int
    """Unused for so long, the session ends."""


def hello_hash(role: Role, hello: Hello, responder_nonce: bytes) -> bytes:
    """The 32 bytes that one side signs."""
    return tagged_hash("acc/hello", encode((role, hello, responder_nonce)))


def verify_hello(hello: Hello, *, network: bytes, responder: bytes) -> None:
    """Check that a hello is meant for this node.

    Raises:
        PeerUnproven: other version, network or key, or a nonce of the wrong length.
    """
    if hello.version != HELLO_VERSION:
        raise PeerUnproven(reason="version", version=hello.version, expected=HELLO_VERSION)
    if hello.network != network:
        raise PeerUnproven(reason="another network", network=hello.network[:32])
    if hello.responder != responder:
        raise PeerUnproven(reason="meant for another node", here=responder)
    if len(hello.nonce) != NONCE_BYTES:
        raise PeerUnproven(reason="nonce")


def sign_challenge(key: SecretKey, hello: Hello, nonce: bytes) -> Challenge:
    """The responder's answer."""
    return Challenge(nonce=nonce, signature=key.sign(hello_hash("responder", hello, nonce)))


def verify_challenge(hello: Hello, challenge: Challenge) -> None:
    """Check that the expected responder answered this very hello.

    Raises:
        PeerUnproven: it did not.
    """
    message = hello_hash("responder", hello, challenge.nonce)
    if len(challenge.nonce) != NONCE_BYTES or not is_signature_valid(
        hello.responder, message, challenge.signature
    ):
        raise PeerUnproven(reason="the answer is not by the expected key", peer=hello.responder)


def sign_proof(key: SecretKey, hello: Hello, responder_nonce: bytes) -> Proof:
    """The initiator's half, after it has verified the challenge."""
    return Proof(
        initiator=hello.initiator,
        initiator_nonce=hello.nonce,
        signature=key.sign(hello_hash("initiator", hello, responder_nonce)),
    )


def verify_proof(hello: Hello, responder_nonce: bytes, proof: Proof) -> None:
    """Check the initiator's half against the hello and the nonce it was answered with.

    Raises:
        PeerUnproven: it is not by the key that said hello.
    """
    message = hello_hash("initiator", hello, responder_nonce)
    if not is_signature_valid(hello.initiator, message, proof.signature):
        raise PeerUnproven(reason="signature", peer=hello.initiator[:33])
