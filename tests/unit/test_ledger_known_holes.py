"""Holes that were found by running older chains of this kind; here each of them is closed.

Each test names what went wrong there. Envelope and witness rules have their own tests.
"""

import pytest
from support.bridge_chains import (
    ALICE,
    BOB,
    CAROL,
    RELAYER,
    account_of,
    build_main,
    build_pair,
)

from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.transaction import InvalidTransaction, Witness, decode_transaction
from chain_engine.codec.canonical import encode
from chain_engine.ledger.balances import balance_of, escrow_of
from chain_engine.ledger.kinds.account_transfer import TransferPayload


def payment(amount: int = 5) -> TransferPayload:
    return TransferPayload("ACC", account_of(BOB), amount, "")


def test_a_transfer_with_another_signature_of_the_same_key_cannot_be_replayed():
    main = build_main()
    signed = main.submit(ALICE, "account.transfer", payment())
    fields = {f: getattr(signed.tx, f) for f in signed.tx.__struct_fields__}
    script = signed.tx.witnesses[0].script
    other = Witness(script, ((0, ALICE.sign(signed.id, b"\x01" * 32)),), None)
    raw = encode(type(signed.tx)(**{**fields, "witnesses": (other,)}))
    again = decode_transaction(raw, main.chain_id)
    assert again.id == signed.id
    assert again.witness_hash != signed.witness_hash
    assert main.forge([again]) == []


def test_a_negative_fee_does_not_mint():
    main = build_main()
    tx = build_transaction(
        chain_id=main.chain_id,
        kind="account.transfer",
        sender=account_of(ALICE),
        nonce=0,
        valid_until_height=9,
        fee=-50,
        payload=payment(),
    )
    signed = sign_transaction(tx, main.chain_id, [ALICE])
    with pytest.raises(InvalidTransaction):
        decode_transaction(signed.raw, main.chain_id)
    assert main.forge([signed]) == []


def test_a_negative_amount_does_not_mint():
    main = build_main()
    assert main.refusal(ALICE, "account.transfer", payment(-5)) == "BAD_PAYLOAD"


def test_no_account_can_take_what_is_locked_for_a_chain():
    pair = build_pair()
    pair.send(pair.main, ALICE)
    before = escrow_of(pair.ledger(pair.main), pair.side.chain_id, "ACC")
    for key in (BOB, CAROL, RELAYER, *pair.side.keys):
        signed = pair.main.sign(key, "account.transfer", payment(1), fee=10_000)
        pair.main.forge([signed])
    assert escrow_of(pair.ledger(pair.main), pair.side.chain_id, "ACC") == before


def test_a_deposit_that_no_main_chain_block_holds_cannot_be_credited():
    pair = build_pair()
    pair.send(pair.main, ALICE, amount=1)
    pair.certify(pair.main)
    true = pair.deliver_payload(pair.main)
    proven = true.messages[0]
    forged = type(proven.message)(
        **{
            **{f: getattr(proven.message, f) for f in proven.message.__struct_fields__},
            "amount": 1_234_000_000,
        }
    )
    payload = type(true)(
        true.peer, true.height, true.commitment, (type(proven)(forged, proven.path),)
    )
    for key in pair.side.keys:  # not even a delegate of the sidechain
        assert pair.side.refusal(key, "chain.deliver", payload, fee=0) == "MESSAGE_NOT_PROVEN"
    assert balance_of(pair.ledger(pair.side), account_of(BOB), "ACC") == 0


def test_a_semicolon_or_a_quote_in_a_text_does_not_stop_a_block():
    main = build_main()
    memo = "x'; delete from state; select '1 \u4e2d\u6587 \0 \\ \""
    payload = TransferPayload("ACC", account_of(BOB), 1, memo)
    main.submit(ALICE, "account.transfer", payload)
    assert main.tip.height == 1


def test_a_message_waiting_for_a_chain_that_stands_still_is_not_lost():
    pair = build_pair()
    pair.send(pair.main, ALICE)
    for _ in range(5):
        pair.main.forge()
    pair.deliver(pair.main)
    assert balance_of(pair.ledger(pair.side), account_of(BOB), "ACC") == 1_000_000
