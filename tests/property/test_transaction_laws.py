"""Laws of the transaction envelope."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.transaction import are_signatures_valid, decode_transaction
from chain_engine.crypto.accounts import Script, account_of_script, single_key_script
from chain_engine.crypto.keys import SecretKey
from chain_engine.primitives.errors import ChainError
from chain_engine.primitives.limits import AMOUNT_MAX

KEYS = sorted((SecretKey(bytes([i]) * 32) for i in range(1, 7)), key=lambda key: key.public)
amounts = st.integers(0, AMOUNT_MAX)
chains = st.binary(min_size=32, max_size=32)


@st.composite
def scripts(draw):
    members = draw(st.sets(st.sampled_from(range(6)), min_size=1, max_size=6))
    threshold = draw(st.integers(1, len(members)))
    return Script(threshold, tuple(KEYS[i].public for i in sorted(members)))


@st.composite
def signed_transactions(draw):
    parties = draw(st.lists(scripts(), min_size=1, max_size=4, unique=True))
    accounts = [account_of_script(script) for script in parties]
    chain_id = draw(chains)
    tx = build_transaction(
        chain_id=chain_id,
        kind=draw(st.text("abcxyz._", min_size=1, max_size=40)),
        sender=accounts[0],
        nonce=draw(amounts),
        valid_until_height=draw(amounts),
        fee=draw(amounts),
        gas_limit=draw(amounts),
        payload=draw(st.binary(max_size=50)),
        cosigners=accounts[1:],
    )
    return sign_transaction(tx, chain_id, KEYS, parties), chain_id


@given(signed_transactions())
@settings(max_examples=40)
def test_whatever_is_signed_decodes_to_itself_with_valid_signatures(pair):
    signed, chain_id = pair
    again = decode_transaction(signed.raw, chain_id)
    assert (again.tx, again.id, again.witness_hash) == (signed.tx, signed.id, signed.witness_hash)
    assert are_signatures_valid(again)
    thresholds = [witness.script.threshold for witness in again.tx.witnesses]
    assert [len(witness.signatures) for witness in again.tx.witnesses] == thresholds


@given(signed_transactions(), st.data())
@settings(max_examples=100)
def test_one_changed_bit_is_refused_unsigned_or_by_another_account(pair, data):
    signed, chain_id = pair
    raw = bytearray(signed.raw)
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << (bit % 8)
    try:
        other = decode_transaction(bytes(raw), chain_id)
    except ChainError:
        return
    accounts = [account_of_script(witness.script) for witness in other.tx.witnesses]
    is_controlled = accounts == [other.tx.sender, *other.tx.cosigners]
    assert not (is_controlled and are_signatures_valid(other))


@given(signed_transactions(), chains)
@settings(max_examples=30)
def test_a_transaction_means_nothing_on_another_chain(pair, other_chain):
    signed, chain_id = pair
    if other_chain == chain_id:
        return
    twin = chain_id[:8] + other_chain[8:]
    if twin != chain_id:
        assert not are_signatures_valid(decode_transaction(signed.raw, twin))


@given(st.binary(max_size=400), chains)
def test_arbitrary_bytes_are_an_error_and_nothing_else(raw, chain_id):
    with pytest.raises(ChainError):
        decode_transaction(raw, chain_id)


@given(st.integers(0, 5))
def test_a_single_key_is_a_one_of_one_script(index):
    script = single_key_script(KEYS[index].public)
    assert script == Script(1, (KEYS[index].public,))
