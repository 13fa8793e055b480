"""Hashes, keys and signatures."""

from hashlib import sha256

import pytest

from chain_engine.crypto.hashing import hash160, tagged_hash
from chain_engine.crypto.keys import InvalidKey, SecretKey, is_signature_valid, verify_key

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
MESSAGE = sha256(b"message").digest()

BIP340 = [
    (
        "F9308A019258C31049344F85F89D5229B531C845836F99B08601F113BCE036F9",
        "00" * 32,
        (
            "E907831F80848D1069A5371B402410364BDF1C5F8307B0084C55F1CE2DCA8215"
            "25F66A4A85EA8B71E482A74F382D2CE5EBEEE8FDB2172F477DF4900D310536C0"
        ),
    ),
    (
        "DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659",
        "243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89",
        (
            "6896BD60EEAE296DB48A229FF71DFE071BDE413E6D43F917DC8DCF8C78DE3341"
            "8906D11AC976ABCCB20B091292BFF4EA897EFCB639EA871CFA95F6DE339E4B0A"
        ),
    ),
    (
        "D69C3509BB99E412E68B0FE8544E72837DFA30746D8BE2AA65975F29D22DC7B9",
        "4DF3C3F68FCC83B27E9D42C90431A72499F17875C81A599B566C9889B9696703",
        (
            "00000000000000000000003B78CE563F89A0ED9414F5AA28AD0D96D6795F9C63"
            "76AFB1548AF603B3EB45C9F8207DEE1060CB71C04E80F593060B07D28308D7F4"
        ),
    ),
]
"""Public key, message, signature: test vectors 0, 1 and 4 of BIP-340."""


def test_a_tagged_hash_is_sha256_behind_the_doubled_tag():
    tag = sha256(b"acc/tx").digest()
    assert tagged_hash("acc/tx", b"ab", b"c") == sha256(tag + tag + b"abc").digest()


def test_hash160_of_the_empty_string_is_the_published_one():
    assert hash160(b"").hex() == "b472a266d0bd89c13706a4132ccfb16f7c3b9fcb"


@pytest.mark.parametrize(("public", "message", "signature"), BIP340)
def test_published_signatures_are_valid(public, message, signature):
    key = b"\x01" + bytes.fromhex(public)
    verify_key(key)
    assert is_signature_valid(key, bytes.fromhex(message), bytes.fromhex(signature))


def test_signing_with_zeros_gives_the_published_bytes():
    key = SecretKey((3).to_bytes(32, "big"))
    assert key.public.hex() == "01" + BIP340[0][0].lower()
    assert key.sign(bytes(32)).hex() == BIP340[0][2].lower()


def test_signing_is_deterministic_and_depends_on_the_auxiliary_bytes():
    key = SecretKey(b"\x07" * 32)
    assert key.sign(MESSAGE) == key.sign(MESSAGE)
    other = key.sign(MESSAGE, aux=b"\x01" * 32)
    assert other != key.sign(MESSAGE)
    assert is_signature_valid(key.public, MESSAGE, other)


@pytest.mark.parametrize(
    "secret", [b"", b"\x01" * 31, b"\x01" * 33, bytes(32), ORDER.to_bytes(32, "big"), b"\xff" * 32]
)
def test_what_is_no_secret_is_refused(secret):
    with pytest.raises(InvalidKey) as caught:
        SecretKey(secret)
    assert secret.hex() not in str(caught.value) or not secret


def test_a_secret_is_never_printed():
    key = SecretKey(b"\x07" * 32)
    assert "07" * 32 not in repr(key)
    assert key.secret == b"\x07" * 32


@pytest.mark.parametrize(
    "public", [b"", b"\x01", b"\x01" + b"\xff" * 32, b"\x02" + b"\x11" * 32, bytes(33)]
)
def test_what_is_no_key_is_refused_and_signs_nothing(public):
    with pytest.raises(InvalidKey):
        verify_key(public)
    assert not is_signature_valid(public, MESSAGE, bytes(64))


def test_wrong_lengths_are_no_valid_signature_and_raise_nothing():
    key = SecretKey(b"\x07" * 32)
    good = key.sign(MESSAGE)
    assert is_signature_valid(key.public, MESSAGE, good)
    for signature in (b"", good[:-1], good + b"\0"):
        assert not is_signature_valid(key.public, MESSAGE, signature)
    assert not is_signature_valid(key.public, MESSAGE[:31], good)
    assert not is_signature_valid(key.public[1:], MESSAGE, good)
