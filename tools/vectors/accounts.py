"""Account scripts and addresses (docs/spec/01-values.md section 4)."""

from collections.abc import Iterator

from chain_engine.crypto.accounts import (
    ACCOUNT_VERSION,
    CHAIN_VERSION,
    Script,
    account_of_script,
    encode_address,
)
from tools.vectors.cast import board_of, key_of, script_of
from tools.vectors.form import to_json
from tools.vectors.vector import Case

NAMES = [f"member {number}" for number in range(17)]


def cases() -> Iterator[Case]:
    """Yield every case of the file."""
    yield from _scripts()
    accounts = [account_of_script(script_of("alice")), bytes(20), b"\xff" * 20]
    for account in accounts:
        for version in (ACCOUNT_VERSION, CHAIN_VERSION):
            form = {"account": account.hex(), "version": str(version)}
            yield Case("an address names its account", "encode_address", form)
    yield from _addresses(accounts[0])


def _scripts() -> Iterator[Case]:
    alice, bob = sorted([key_of("alice").public, key_of("bob").public])
    refused = "INVALID_SCRIPT"
    for description, script, error in (
        ("1 of 1", script_of("alice"), None),
        ("1 of 2", board_of(1, "alice", "bob"), None),
        ("2 of 3", board_of(2, "alice", "bob", "carol"), None),
        ("16 of 16", board_of(16, *NAMES[:16]), None),
        ("no keys", Script(0, ()), refused),
        ("17 keys", board_of(1, *NAMES), refused),
        ("a threshold of 0", Script(0, (alice,)), refused),
        ("a threshold above the number of keys", Script(2, (alice,)), refused),
        ("keys out of order", Script(1, (bob, alice)), refused),
        ("a key twice", Script(1, (alice, alice)), refused),
        ("a key of an unknown scheme", Script(1, (b"\x09" + alice[1:],)), "INVALID_KEY"),
        ("a key of 32 bytes", Script(1, (alice[:32],)), "INVALID_KEY"),
    ):
        yield Case(description, "account_of_script", {"script": to_json(script)}, error)


def _addresses(account: bytes) -> Iterator[Case]:
    address = encode_address(account)
    twisted = address[:-1] + ("1" if address[-1] != "1" else "2")
    refused = "INVALID_ADDRESS"
    for description, text, error in (
        ("an address", address, None),
        ("the last letter changed", twisted, refused),
        ("a letter missing", address[:-1], refused),
        ("two letters exchanged", address[0] + address[2] + address[1] + address[3:], refused),
        ("an address of a chain where an account belongs", encode_address(account, CHAIN_VERSION),
         refused),
        ("a letter outside base58", "0" + address[1:], refused),
        ("a blank behind it", address + " ", refused),
        ("a line break behind it", address + "\n", refused),
        ("a blank before it", " " + address, refused),
        ("nothing", "", refused),
        ("a letter outside ASCII", address + "é", refused),
        ("far too long", address * 3, refused),
    ):  # fmt: skip
        form = {"address": text, "version": str(ACCOUNT_VERSION)}
        yield Case(description, "decode_address", form, error)
