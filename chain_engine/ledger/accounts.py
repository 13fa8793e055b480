"""Who controls an account, and in which order it acts (docs/spec/11-main-chain.md section 2)."""

from chain_engine.blocks.transaction import SignedTransaction, Witness, script_account
from chain_engine.ledger.errors import WrongNonce, WrongScript, WrongSecondKey
from chain_engine.ledger.keys import account_key
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.records import AccountRecord


def verify_control(ledger: Ledger, signed: SignedTransaction) -> None:
    """Check every witness against the state: its script and second key are the account's.

    Signatures themselves were checked before, once per node; what controls an account can change
    between blocks, so this is checked at every execution.

    Raises:
        WrongScript: a witness is by another script than the account's.
        WrongSecondKey: the second key is missing, another one, or the account has none.
    """
    tx = signed.tx
    witnesses = tx.witnesses
    _verify_witness(ledger.account(tx.sender), tx.sender, witnesses[0])
    for account, witness in zip(tx.cosigners, witnesses[1:], strict=True):
        _verify_witness(ledger.account(account), account, witness)


def _verify_witness(record: AccountRecord, account: bytes, witness: Witness) -> None:
    if script_account(witness.script) != (record.script or account):
        raise WrongScript(account=account)
    if record.second is None:
        if witness.second is not None:
            raise WrongSecondKey(account=account, reason="the account has no second key")
    elif witness.second is None:
        raise WrongSecondKey(account=account, reason="the second key must co-sign")
    elif script_account(witness.second.script) != record.second:
        raise WrongSecondKey(account=account, reason="another second key")


def use_nonce(ledger: Ledger, account: bytes, nonce: int) -> None:
    """Take the account's next nonce.

    Raises:
        WrongNonce: `nonce` is not it.
    """
    record = ledger.account(account)
    if record.nonce != nonce:
        raise WrongNonce(nonce=nonce, expected=record.nonce)
    ledger.put(
        account_key(account),
        AccountRecord(record.version, record.revision, nonce + 1, record.second, record.script),
    )
