"""The transaction envelope: ids, witnesses, refusals."""

import pytest

from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.transaction import (
    InvalidTransaction,
    InvalidWitness,
    SecondWitness,
    SignedTransaction,
    Transaction,
    Witness,
    WrongChain,
    are_signatures_valid,
    decode_transaction,
    signature_checks,
    transaction_id,
)
from chain_engine.codec.canonical import encode
from chain_engine.crypto.accounts import (
    InvalidScript,
    Script,
    account_of_key,
    account_of_script,
    single_key_script,
)
from chain_engine.crypto.keys import SecretKey
from chain_engine.primitives.errors import ChainError, LimitExceeded
from chain_engine.primitives.limits import (
    AMOUNT_MAX,
    PAYLOAD_BYTES_MAX,
    TRANSACTION_BYTES_MAX,
)

CHAIN, OTHER_CHAIN = b"\x11" * 32, b"\x22" * 32
KEYS = sorted((SecretKey(bytes([i]) * 32) for i in (1, 2, 3)), key=lambda key: key.public)
ALICE, BOB, CAROL = KEYS
BOARD = Script(2, tuple(key.public for key in KEYS))


def build(sender=None, **fields) -> Transaction:
    defaults = {
        "kind": "dapp.call", "nonce": 3, "valid_until_height": 100, "fee": 500, "gas_limit": 9,
        "payload": ("method", "{}"), "sender": sender or account_of_key(ALICE.public),
    }  # fmt: skip
    return build_transaction(chain_id=CHAIN, **{**defaults, **fields})


def sign(tx=None, keys=(ALICE,), scripts=()) -> SignedTransaction:
    return sign_transaction(tx or build(), CHAIN, keys, scripts)


def changed(tx: Transaction, **fields) -> bytes:
    return encode(Transaction(**{n: fields.get(n, getattr(tx, n)) for n in tx.__struct_fields__}))


def test_a_signed_transaction_decodes_to_itself_and_is_valid():
    signed = sign()
    again = decode_transaction(signed.raw, CHAIN)
    assert (again.id, again.witness_hash, again.tx) == (signed.id, signed.witness_hash, signed.tx)
    assert again.size == len(signed.raw)
    assert are_signatures_valid(again)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "dapp.cal"}, {"sender": b"\x01" * 20}, {"cosigners": (b"\x01" * 20,)},
        {"nonce": 4}, {"valid_until_height": 101}, {"fee": 501}, {"gas_limit": 10},
        {"payload": b"\xc0"}, {"version": 2},
    ],
)  # fmt: skip
def test_every_field_but_the_witnesses_is_in_the_id(fields):
    tx = sign().tx
    other = Transaction(**{n: fields.get(n, getattr(tx, n)) for n in tx.__struct_fields__})
    assert transaction_id(other, CHAIN) != transaction_id(tx, CHAIN)


def test_the_id_covers_all_bytes_of_the_chain_id():
    near = CHAIN[:31] + b"\x12"
    assert transaction_id(build(), CHAIN) != transaction_id(build(), near)


def test_witnesses_are_not_in_the_id_but_in_the_witness_hash():
    signed = sign()
    witness = signed.tx.witnesses[0]
    resigned = ALICE.sign(signed.id, aux=b"\x05" * 32)
    other = Witness(witness.script, ((0, resigned),), None)
    again = decode_transaction(changed(signed.tx, witnesses=(other,)), CHAIN)
    assert are_signatures_valid(again)
    assert again.id == signed.id
    assert again.witness_hash != signed.witness_hash


def test_two_of_three_sign_with_the_first_two_keys_at_hand():
    signed = sign(build(account_of_script(BOARD)), (CAROL, BOB), (BOARD,))
    assert [index for index, _ in signed.tx.witnesses[0].signatures] == [1, 2]
    assert are_signatures_valid(decode_transaction(signed.raw, CHAIN))


def test_cosigners_are_sorted_and_witness_in_that_order():
    board, bob = account_of_script(BOARD), account_of_key(BOB.public)
    tx = build(cosigners=[max(board, bob), min(board, bob)])
    signed = sign(tx, KEYS, (BOARD,))
    assert signed.tx.cosigners == tuple(sorted([board, bob]))
    accounts = [account_of_script(witness.script) for witness in signed.tx.witnesses]
    assert accounts == [tx.sender, *signed.tx.cosigners]
    assert len(signature_checks(signed)) == 4
    assert are_signatures_valid(decode_transaction(signed.raw, CHAIN))


def test_a_transaction_of_another_chain_is_refused_by_its_prefix():
    with pytest.raises(WrongChain) as caught:
        decode_transaction(sign().raw, OTHER_CHAIN)
    assert caught.value.values["expected"] == OTHER_CHAIN[:8].hex()


def test_chains_with_one_prefix_still_have_different_signed_bytes():
    twin = CHAIN[:8] + b"\x99" * 24
    assert not are_signatures_valid(decode_transaction(sign().raw, twin))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 0), ("version", 2), ("kind", ""), ("kind", "k" * 41), ("kind", "é"),
        ("sender", b""), ("sender", bytes(21)), ("nonce", -1), ("fee", AMOUNT_MAX + 1),
        ("gas_limit", -1), ("valid_until_height", AMOUNT_MAX + 1),
        ("payload", bytes(PAYLOAD_BYTES_MAX + 1)), ("cosigners", (bytes(19),)),
        ("cosigners", (b"\x02" * 20, b"\x01" * 20)), ("cosigners", (b"\x02" * 20,) * 2),
        ("cosigners", (account_of_key(ALICE.public),)),
        ("cosigners", tuple(bytes([i]) * 20 for i in range(1, 17))),
    ],
)  # fmt: skip
def test_a_field_outside_its_range_is_named(field, value):
    with pytest.raises(InvalidTransaction) as caught:
        decode_transaction(changed(sign().tx, **{field: value}), CHAIN)
    assert caught.value.values["field"] == field


def test_the_greatest_numbers_pass():
    fields = dict.fromkeys(("nonce", "valid_until_height", "fee", "gas_limit"), AMOUNT_MAX)
    assert decode_transaction(sign(build(**fields)).raw, CHAIN).tx.fee == AMOUNT_MAX


def _board_witness() -> tuple[Transaction, Witness]:
    tx = sign(build(account_of_script(BOARD)), (ALICE, CAROL), (BOARD,)).tx
    return tx, tx.witnesses[0]


def test_signatures_too_few_too_many_doubled_or_out_of_order_are_refused():
    tx, witness = _board_witness()
    first, second = witness.signatures
    for signatures in (
        (), (first,), (first, first), (second, first), (first, second, (2, second[1])),
        (first, (3, second[1])), ((-1, first[1]), second),
    ):  # fmt: skip
        with pytest.raises(InvalidWitness):
            decode_transaction(changed(tx, witnesses=(Witness(BOARD, signatures, None),)), CHAIN)


def test_witnesses_missing_or_superfluous_are_refused():
    tx, witness = _board_witness()
    for witnesses in ((), (witness, witness)):
        with pytest.raises(InvalidWitness):
            decode_transaction(changed(tx, witnesses=witnesses), CHAIN)


def test_a_second_witness_is_held_to_the_same_rules():
    tx, witness = _board_witness()
    signed = sign(build(account_of_script(BOARD)), (ALICE, CAROL), (BOARD,))
    script = single_key_script(BOB.public)
    good = SecondWitness(script, ((0, BOB.sign(signed.id)),))
    raw = changed(tx, witnesses=(Witness(BOARD, witness.signatures, good),))
    decoded = decode_transaction(raw, CHAIN)
    assert len(signature_checks(decoded)) == 3
    assert are_signatures_valid(decoded)
    for second in (SecondWitness(script, ()), SecondWitness(script, ((1, bytes(64)),))):
        with pytest.raises(InvalidWitness):
            decode_transaction(
                changed(tx, witnesses=(Witness(BOARD, witness.signatures, second),)), CHAIN
            )
    wrong = SecondWitness(script, ((0, ALICE.sign(signed.id)),))
    raw = changed(tx, witnesses=(Witness(BOARD, witness.signatures, wrong),))
    assert not are_signatures_valid(decode_transaction(raw, CHAIN))


def test_a_script_that_breaks_its_rules_is_refused():
    tx, witness = _board_witness()
    unsorted = Script(2, BOARD.keys[::-1])
    with pytest.raises(InvalidScript):
        decode_transaction(
            changed(tx, witnesses=(Witness(unsorted, witness.signatures, None),)), CHAIN
        )


def test_a_transaction_over_the_limit_is_refused_before_decoding():
    with pytest.raises(LimitExceeded):
        decode_transaction(bytes(TRANSACTION_BYTES_MAX + 1), CHAIN)


def test_one_bit_changed_anywhere_is_refused_or_unsigned():
    raw = sign(build(account_of_script(BOARD)), (ALICE, CAROL), (BOARD,)).raw
    for bit in range(8 * len(raw)):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << (bit % 8)
        assert not _is_accepted(bytes(flipped)), f"bit {bit}"


def _is_accepted(raw: bytes) -> bool:
    """Whether the envelope holds, the signatures are valid and the script is the sender's."""
    try:
        signed = decode_transaction(raw, CHAIN)
    except ChainError:
        return False
    is_controlled = account_of_script(signed.tx.witnesses[0].script) == signed.tx.sender
    return is_controlled and are_signatures_valid(signed)
