"""Laws of keys, scripts and addresses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_engine.crypto.accounts import (
    InvalidAddress,
    InvalidScript,
    Script,
    decode_address,
    encode_address,
    verify_script,
)
from chain_engine.crypto.hashing import tagged_hash
from chain_engine.crypto.keys import InvalidKey, SecretKey, is_signature_valid, verify_key

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
secrets = st.integers(1, ORDER - 1).map(lambda number: SecretKey(number.to_bytes(32, "big")))
hashes = st.binary(min_size=32, max_size=32)


@given(secrets, hashes, hashes)
@settings(max_examples=50)
def test_a_key_signs_what_it_signed_and_nothing_else(key, message, other):
    signature = key.sign(message)
    verify_key(key.public)
    assert is_signature_valid(key.public, message, signature)
    assert is_signature_valid(key.public, other, signature) == (message == other)


@given(secrets, hashes, st.integers(0, 511))
@settings(max_examples=50)
def test_one_changed_bit_of_a_signature_is_refused(key, message, bit):
    signature = bytearray(key.sign(message))
    signature[bit // 8] ^= 1 << (bit % 8)
    assert not is_signature_valid(key.public, message, bytes(signature))


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=70))
def test_arbitrary_bytes_raise_nothing(public, message, signature):
    assert not is_signature_valid(public, message, signature)


@given(st.binary(max_size=40))
def test_arbitrary_bytes_are_a_key_or_an_error(public):
    try:
        verify_key(public)
    except InvalidKey:
        return
    assert (len(public), public[0]) == (33, 1)


@given(st.binary(min_size=20, max_size=20), st.sampled_from([5, 23, 28, 63]))
def test_addresses_lead_back_to_their_account(account, version):
    address = encode_address(account, version)
    assert decode_address(address, version) == account
    assert len(address) <= 35


@given(st.text(max_size=40))
def test_arbitrary_text_is_no_address(text):
    with pytest.raises(InvalidAddress):
        decode_address(text)


@given(st.lists(secrets, min_size=1, max_size=5, unique_by=lambda key: key.public), st.data())
@settings(max_examples=30)
def test_exactly_one_order_of_keys_is_a_script(keys, data):
    ordered = tuple(sorted(key.public for key in keys))
    threshold = data.draw(st.integers(1, len(keys)))
    verify_script(Script(threshold, ordered))
    shuffled = tuple(data.draw(st.permutations(ordered)))
    if shuffled != ordered:
        with pytest.raises(InvalidScript):
            verify_script(Script(threshold, shuffled))


@given(st.text("abc/", min_size=1), st.text("abc/", min_size=1), st.binary())
def test_another_tag_is_another_hash(one, other, data):
    assert (tagged_hash(one, data) == tagged_hash(other, data)) == (one == other)
