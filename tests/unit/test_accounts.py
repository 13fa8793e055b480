"""Account scripts and addresses."""

import pytest

from chain_engine.codec.canonical import encode
from chain_engine.crypto.accounts import (
    CHAIN_VERSION,
    InvalidAddress,
    InvalidScript,
    Script,
    account_of_key,
    account_of_script,
    decode_address,
    encode_address,
    single_key_script,
    verify_script,
)
from chain_engine.crypto.hashing import hash160
from chain_engine.crypto.keys import InvalidKey, SecretKey

KEYS = sorted(SecretKey(bytes([i]) * 32).public for i in range(1, 18))


def test_the_account_is_the_hash_of_the_encoded_script():
    script = Script(2, tuple(KEYS[:3]))
    assert account_of_script(script) == hash160(encode(script))
    assert account_of_key(KEYS[0]) == account_of_script(single_key_script(KEYS[0]))


def test_threshold_and_keys_are_part_of_the_account():
    scripts = [Script(1, tuple(KEYS[:2])), Script(2, tuple(KEYS[:2])), Script(1, tuple(KEYS[:3]))]
    assert len({account_of_script(script) for script in scripts}) == 3


@pytest.mark.parametrize(("threshold", "count"), [(1, 1), (1, 16), (16, 16), (2, 3)])
def test_m_of_n_scripts_are_valid(threshold, count):
    verify_script(Script(threshold, tuple(KEYS[:count])))


@pytest.mark.parametrize(
    ("threshold", "keys"),
    [
        (0, KEYS[:1]), (2, KEYS[:1]), (-1, KEYS[:1]), (1, []), (1, KEYS[:17]),
        (1, [KEYS[1], KEYS[0]]), (1, [KEYS[0], KEYS[0]]),
    ],
)  # fmt: skip
def test_scripts_that_break_a_rule_are_refused(threshold, keys):
    with pytest.raises(InvalidScript):
        verify_script(Script(threshold, tuple(keys)))


def test_every_key_of_a_script_is_on_its_curve():
    with pytest.raises(InvalidKey):
        verify_script(Script(1, (KEYS[0], b"\x01" + b"\xff" * 32)))


@pytest.mark.parametrize("account", [bytes(20), b"\xff" * 20, bytes(range(20))])
def test_addresses_begin_with_their_letter_and_lead_back(account):
    address, chain = encode_address(account), encode_address(account, CHAIN_VERSION)
    assert (address[0], chain[0]) == ("A", "C")
    assert decode_address(address) == account
    assert decode_address(chain, CHAIN_VERSION) == account
    with pytest.raises(InvalidAddress):
        decode_address(chain)


def test_every_changed_letter_is_noticed():
    address = encode_address(account_of_key(KEYS[0]))
    for place, letter in enumerate(address):
        changed = address[:place] + ("z" if letter != "z" else "y") + address[place + 1 :]
        with pytest.raises(InvalidAddress):
            decode_address(changed)


@pytest.mark.parametrize("spoil", ["{} ", "{}\n", " {}", "{}\t", "{}A", "{}é", "1{}"])
def test_an_address_has_one_spelling(spoil):
    with pytest.raises(InvalidAddress):
        decode_address(spoil.format(encode_address(bytes(range(20)))))


def test_a_long_text_is_refused_before_it_is_decoded():
    with pytest.raises(InvalidAddress) as caught:
        decode_address("A" * 1_000_000)
    assert len(str(caught.value)) < 200
