"""Keys and signatures. Scheme 1 is secp256k1 Schnorr (BIP-340), through coincurve.

A public key is 33 bytes: its scheme byte, then the 32-byte x-only key. Messages are always
32-byte tagged hashes.
"""

from coincurve import PrivateKey as _CoincurveKey
from coincurve import PublicKeyXOnly

from chain_engine.primitives.errors import ChainError

SCHNORR = 1
"""secp256k1 Schnorr, BIP-340."""

PUBLIC_KEY_BYTES = 33
SIGNATURE_BYTES = 64
SECRET_BYTES = 32


class InvalidKey(ChainError):
    """A public key that cannot be one."""

    code = "INVALID_KEY"
    title = "This is not a public key."
    fix = "A key is 33 bytes: 01 and a 32-byte x coordinate on secp256k1 (BIP-340)."


class InvalidSignature(ChainError):
    """A signature does not fit its key and message."""

    code = "INVALID_SIGNATURE"
    title = "A signature does not fit its key and the signed bytes."
    fix = "Sign the transaction id with the key named by the witness, for this chain."
    status = 422


class SecretKey:
    """A secp256k1 secret. The caller supplies the 32 random bytes; nothing here draws any."""

    __slots__ = ("_key", "public")

    def __init__(self, secret: bytes) -> None:
        """Make the key of 32 secret bytes.

        Raises:
            InvalidKey: not 32 bytes, zero, or not below the curve order.
        """
        if len(secret) != SECRET_BYTES:
            raise InvalidKey(length=len(secret))
        try:
            self._key = _CoincurveKey(secret)
        except ValueError:
            raise InvalidKey(reason="secret outside the curve order") from None
        x_only = PublicKeyXOnly.from_secret(secret).format()
        self.public: bytes = bytes([SCHNORR]) + x_only

    def sign(self, message: bytes, aux: bytes = bytes(32)) -> bytes:
        """Sign a 32-byte hash; deterministic for a given `aux`. Returns 64 bytes."""
        return self._key.sign_schnorr(message, aux)

    @property
    def secret(self) -> bytes:
        """The 32 secret bytes, for a keystore only."""
        return self._key.secret

    def __repr__(self) -> str:
        """Show the public half only: a secret must never reach a log."""
        return f"SecretKey(public={self.public.hex()})"


def verify_key(public: bytes) -> None:
    """Check that `public` is a key of a known scheme on its curve.

    Raises:
        InvalidKey: it is not.
    """
    if len(public) != PUBLIC_KEY_BYTES or public[0] != SCHNORR:
        raise InvalidKey(key=public)
    try:
        PublicKeyXOnly(public[1:])
    except ValueError:
        raise InvalidKey(key=public) from None


def is_signature_valid(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) over the 32-byte `message` is by `public`.

    Releases the interpreter lock while it computes, so batches in threads run in parallel.
    """
    if (
        len(signature) != SIGNATURE_BYTES
        or len(public) != PUBLIC_KEY_BYTES
        or public[0] != SCHNORR
        or len(message) != SECRET_BYTES
    ):
        return False
    try:
        return PublicKeyXOnly(public[1:]).verify(signature, message)
    except ValueError:
        return False
