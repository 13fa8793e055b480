"""Who controls an account: nonce, script and second key, checked against state."""

import asyncio

import pytest
from msgspec.structs import replace
from support.bridge_chains import ALICE, BOB, CAROL, FEE, RICH, account_of, build_main

from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.rules import InvalidBlock
from chain_engine.blocks.transaction import SecondWitness, SignedTransaction, Witness
from chain_engine.codec.canonical import encode
from chain_engine.crypto.accounts import Script, account_of_script, single_key_script
from chain_engine.ledger.accounts import verify_control
from chain_engine.ledger.errors import WrongScript, WrongSecondKey
from chain_engine.ledger.keys import account_key, balance_key
from chain_engine.ledger.kinds.account_transfer import TransferPayload
from chain_engine.ledger.records import AccountRecord
from chain_engine.primitives.errors import ChainError

PAYMENT = TransferPayload("ACC", account_of(BOB), 5, "")


@pytest.fixture
def main():
    return build_main()


def refused(main, signed) -> str:
    """Code of the refusal by the mempool's check; the block must leave it out as well."""
    _, chosen, changes = main.select([signed])
    assert chosen == []
    assert changes.writes == {}
    with pytest.raises(ChainError) as refusal:
        main.machine.check(signed, main.view, main.context())
    return refusal.value.code


def resign(signed: SignedTransaction, main, **fields) -> SignedTransaction:
    tx = replace(signed.tx, **fields)
    return SignedTransaction(encode(tx), tx, main.chain_id)


def second_of(signed: SignedTransaction, key) -> SecondWitness:
    return SecondWitness(single_key_script(key.public), ((0, key.sign(signed.id)),))


def with_second(signed: SignedTransaction, main, key) -> SignedTransaction:
    first = signed.tx.witnesses[0]
    witness = Witness(first.script, first.signatures, second_of(signed, key))
    return resign(signed, main, witnesses=(witness,))


def test_the_nonce_must_be_the_next_one(main):
    main.submit(ALICE, "account.transfer", PAYMENT)
    assert main.nonce_of(account_of(ALICE)) == 1
    old = main.sign(ALICE, "account.transfer", PAYMENT, ahead=-1)
    assert refused(main, old) == "WRONG_NONCE"


def test_a_later_nonce_waits_in_the_pool_but_enters_no_block(main):
    later = main.sign(ALICE, "account.transfer", PAYMENT, ahead=1)
    main.machine.check(later, main.view, main.context())
    assert main.forge([later]) == []
    first = main.sign(ALICE, "account.transfer", PAYMENT)
    assert main.forge([first, later]) == [first, later]


def test_a_committed_transaction_has_no_effect_when_sent_again(main):
    signed = main.submit(ALICE, "account.transfer", PAYMENT)
    assert refused(main, signed) == "WRONG_NONCE"


def test_past_its_last_height_a_transaction_is_refused(main):
    tx = build_transaction(
        chain_id=main.chain_id,
        kind="account.transfer",
        sender=account_of(ALICE),
        nonce=0,
        valid_until_height=1,
        fee=FEE,
        payload=PAYMENT,
    )
    signed = sign_transaction(tx, main.chain_id, [ALICE])
    main.machine.check(signed, main.view, main.context())
    main.forge()
    assert refused(main, signed) == "EXPIRED_TRANSACTION"


def test_a_witness_by_another_script_is_refused(main):
    signed = main.sign(ALICE, "account.transfer", PAYMENT)
    script = single_key_script(BOB.public)
    foreign = Witness(script, ((0, BOB.sign(signed.id)),), None)
    assert refused(main, resign(signed, main, witnesses=(foreign,))) == "WRONG_SCRIPT"


def test_a_replaced_script_controls_the_account_and_the_old_one_does_not(main):
    record = AccountRecord(script=account_of_script(single_key_script(CAROL.public)))
    main.view.apply({account_key(account_of(ALICE)): encode(record)})
    signed = main.sign(ALICE, "account.transfer", PAYMENT)
    assert refused(main, signed) == "WRONG_SCRIPT"
    script = single_key_script(CAROL.public)
    witness = Witness(script, ((0, CAROL.sign(signed.id)),), None)
    renewed = resign(signed, main, witnesses=(witness,))
    verify_control(main.ledger(main.chain_id), renewed)


def test_once_set_the_second_key_must_sign_everything(main):
    second = account_of_script(single_key_script(CAROL.public))
    main.view.apply({account_key(account_of(ALICE)): encode(AccountRecord(second=second))})
    signed = main.sign(ALICE, "account.transfer", PAYMENT)
    assert refused(main, signed) == "WRONG_SECOND_KEY"
    assert refused(main, with_second(signed, main, BOB)) == "WRONG_SECOND_KEY"
    verify_control(main.ledger(main.chain_id), with_second(signed, main, CAROL))
    assert main.forge([with_second(signed, main, CAROL)])


def test_a_second_signature_nobody_asked_for_is_refused(main):
    signed = main.sign(ALICE, "account.transfer", PAYMENT)
    assert refused(main, with_second(signed, main, CAROL)) == "WRONG_SECOND_KEY"


def test_a_cosigner_is_held_to_its_own_account(main):
    cosigner = account_of(CAROL)
    tx = build_transaction(
        chain_id=main.chain_id,
        kind="account.transfer",
        sender=account_of(ALICE),
        nonce=0,
        valid_until_height=9,
        fee=FEE,
        payload=PAYMENT,
        cosigners=[cosigner],
    )
    signed = sign_transaction(tx, main.chain_id, [ALICE, CAROL])
    verify_control(main.ledger(main.chain_id), signed)
    second = account_of_script(single_key_script(BOB.public))
    main.view.apply({account_key(cosigner): encode(AccountRecord(second=second))})
    with pytest.raises(WrongSecondKey):
        verify_control(main.ledger(main.chain_id), signed)
    swapped = resign(signed, main, witnesses=signed.tx.witnesses[::-1])
    with pytest.raises(WrongScript):
        verify_control(main.ledger(main.chain_id), swapped)


def test_a_two_of_three_account_spends_with_two_keys(main):
    keys = sorted([ALICE, BOB, CAROL], key=lambda k: k.public)
    script = Script(threshold=2, keys=tuple(k.public for k in keys))
    account = account_of_script(script)
    main.submit(ALICE, "account.transfer", TransferPayload("ACC", account, RICH // 2, ""))
    tx = build_transaction(
        chain_id=main.chain_id,
        kind="account.transfer",
        sender=account,
        nonce=0,
        valid_until_height=9,
        fee=FEE,
        payload=PAYMENT,
    )
    signed = sign_transaction(tx, main.chain_id, keys[1:], [script])
    assert main.forge([signed]) == [signed]
    assert main.view.get(balance_key(account, "ACC")) == encode(RICH // 2 - FEE - 5)


def test_a_block_with_a_refused_transaction_is_invalid(main):

    good = main.sign(ALICE, "account.transfer", PAYMENT)
    with pytest.raises(InvalidBlock) as refusal:
        asyncio.run(main.machine.execute(main.context(), [good, good], main.view))
    assert refusal.value.values["index"] == 1
    assert refusal.value.values["code"] == "WRONG_NONCE"
