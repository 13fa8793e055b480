"""What a vector asks for: one function per operation, from the vector's input to its outcome.

The test runs the same functions over the committed files, so a change of any byte shows up as a
failing vector; the SDK has its own implementation of each name.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from chain_engine.blocks.block import Header, Receipt, block_id, receipts_root
from chain_engine.blocks.bridge import (
    BridgeMessage,
    CallBody,
    CommitmentProof,
    PeerCommitment,
    bridge_root,
    chain_account,
    verify_commitment,
)
from chain_engine.blocks.build import sign_transaction
from chain_engine.blocks.certificate import (
    Certificate,
    certificate_hash,
    second_vote_hash,
    verify_certificate,
)
from chain_engine.blocks.delegates import DelegateSet, delegates_hash, verify_delegates
from chain_engine.blocks.light_client import TrustedHeader, advance
from chain_engine.blocks.parameters import ChainParameters, parameters_hash
from chain_engine.blocks.proofs import TransactionProof, verify_transaction_proof
from chain_engine.blocks.transaction import (
    Transaction,
    are_signatures_valid,
    decode_transaction,
)
from chain_engine.codec.canonical import Struct, decode, encode
from chain_engine.crypto.accounts import (
    Script,
    account_of_script,
    decode_address,
    encode_address,
    verify_script,
)
from chain_engine.crypto.hashing import hash160, tagged_hash
from chain_engine.crypto.keys import InvalidSignature, SecretKey, is_signature_valid, verify_key
from chain_engine.crypto.merkle import (
    InclusionProof,
    build_proof,
    hash_leaf,
    merkle_root,
    verify_inclusion,
)
from chain_engine.ledger.kinds.account_transfer import ACCOUNT_TRANSFER
from chain_engine.ledger.kinds.chain_send import CHAIN_SEND
from chain_engine.ledger.kinds.kind import build_registry
from chain_engine.state.proofs import StateProof, verify_state_proof
from chain_engine.state.tree import root_of_entries
from sidechain_host.calls import DAPP_CALL, CallPayload, encode_arguments
from tools.vectors.form import from_json, value_from_json

Input = Mapping[str, Any]


class Outcome(NamedTuple):
    """What an operation returns; whatever it has not is None."""

    encoded: str | None = None
    """Hex of bytes, or the text of an address."""

    hash: str | None = None
    """Hex of the hash that belongs to it."""


SHAPES: dict[str, Any] = {
    "integer": int,
    "bytes": bytes,
    "text": str,
    "bool": bool,
    "integers": tuple[int, ...],
    "script": Script,
    "certificate": Certificate,
    "header": Header,
}
"""Shapes that `decode_value` knows by name."""

KINDS = build_registry([ACCOUNT_TRANSFER, CHAIN_SEND])
"""Kinds that `encode_payload` knows by name."""


def _hex(form: Input, name: str) -> bytes:
    return bytes.fromhex(form[name])


def _hexes(form: Input, name: str) -> list[bytes]:
    return [bytes.fromhex(item) for item in form[name]]


def _encode_value(form: Input) -> Outcome:
    return Outcome(encode(value_from_json(form["value"])).hex())


def _decode_value(form: Input) -> Outcome:
    return Outcome(encode(decode(_hex(form, "bytes"), SHAPES[form["shape"]])).hex())


def _tagged_hash(form: Input) -> Outcome:
    return Outcome(hash=tagged_hash(form["tag"], *_hexes(form, "parts")).hex())


def _hash160(form: Input) -> Outcome:
    return Outcome(hash=hash160(_hex(form, "data")).hex())


def _public_key(form: Input) -> Outcome:
    return Outcome(SecretKey(_hex(form, "secret")).public.hex())


def _verify_key(form: Input) -> Outcome:
    verify_key(_hex(form, "public"))
    return Outcome()


def _sign(form: Input) -> Outcome:
    return Outcome(SecretKey(_hex(form, "secret")).sign(_hex(form, "message")).hex())


def _verify_signature(form: Input) -> Outcome:
    parts = (_hex(form, "public"), _hex(form, "message"), _hex(form, "signature"))
    if not is_signature_valid(*parts):
        raise InvalidSignature
    return Outcome()


def _account_of_script(form: Input) -> Outcome:
    script = from_json(Script, form["script"])
    verify_script(script)
    return Outcome(encode(script).hex(), account_of_script(script).hex())


def _encode_address(form: Input) -> Outcome:
    return Outcome(encode_address(_hex(form, "account"), int(form["version"])))


def _decode_address(form: Input) -> Outcome:
    return Outcome(decode_address(form["address"], int(form["version"])).hex())


def _merkle_root(form: Input) -> Outcome:
    return Outcome(hash=merkle_root(_hexes(form, "leaves")).hex())


def _build_inclusion(form: Input) -> Outcome:
    hashes = [hash_leaf(leaf) for leaf in _hexes(form, "leaves")]
    return Outcome(encode(build_proof(hashes, int(form["index"]))).hex())


def _verify_inclusion(form: Input) -> Outcome:
    proof = from_json(InclusionProof, form["proof"])
    verify_inclusion(_hex(form, "root"), _hex(form, "leaf"), proof)
    return Outcome()


def _sign_transaction(form: Input) -> Outcome:
    signed = sign_transaction(
        from_json(Transaction, {**form["transaction"], "witnesses": []}),
        _hex(form, "chain_id"),
        [SecretKey(secret) for secret in _hexes(form, "secrets")],
        [from_json(Script, script) for script in form["scripts"]],
    )
    return Outcome(signed.raw.hex(), signed.id.hex())


def _decode_transaction(form: Input) -> Outcome:
    raw = _hex(form, "bytes") + bytes(int(form.get("zeros", "0")))
    signed = decode_transaction(raw, _hex(form, "chain_id"))
    return Outcome(encode(signed.tx).hex(), signed.id.hex())


def _witness_hash(form: Input) -> Outcome:
    signed = decode_transaction(_hex(form, "bytes"), _hex(form, "chain_id"))
    return Outcome(hash=signed.witness_hash.hex())


def _verify_transaction(form: Input) -> Outcome:
    signed = decode_transaction(_hex(form, "bytes"), _hex(form, "chain_id"))
    if not are_signatures_valid(signed):
        raise InvalidSignature
    return Outcome(hash=signed.id.hex())


def _encode_payload(form: Input) -> Outcome:
    if form["kind"] == DAPP_CALL:
        # what a method takes is said by its DApp's manifest
        return Outcome(encode(from_json(CallPayload, form["payload"])).hex())
    kind = KINDS[form["kind"]]
    payload: Struct = from_json(kind.payload, form["payload"])
    kind.verify(payload)
    return Outcome(encode(payload).hex())


def _canonical_json(form: Input) -> Outcome:
    return Outcome(encode_arguments(json.loads(form["json"])).encode().hex())


def _state_root(form: Input) -> Outcome:
    entries = {bytes.fromhex(key): bytes.fromhex(value) for key, value in form["entries"]}
    return Outcome(hash=root_of_entries(entries).hex())


def _verify_state(form: Input) -> Outcome:
    value = None if form["value"] is None else _hex(form, "value")
    proof = from_json(StateProof, form["proof"])
    verify_state_proof(_hex(form, "root"), _hex(form, "key"), value, proof)
    return Outcome()


def _delegates_hash(form: Input) -> Outcome:
    delegates = from_json(DelegateSet, form["delegates"])
    verify_delegates(delegates)
    return Outcome(encode(delegates).hex(), delegates_hash(delegates).hex())


def _second_vote_hash(form: Input) -> Outcome:
    height, round_ = int(form["height"]), int(form["round"])
    vote = second_vote_hash(_hex(form, "chain_id"), height, round_, _hex(form, "block_id"))
    return Outcome(hash=vote.hex())


def _certificate_hash(form: Input) -> Outcome:
    certificate = from_json(Certificate, form["certificate"])
    return Outcome(encode(certificate).hex(), certificate_hash(certificate).hex())


def _verify_certificate(form: Input) -> Outcome:
    certificate = from_json(Certificate, form["certificate"])
    delegates = from_json(DelegateSet, form["delegates"])
    verify_certificate(certificate, delegates, _hex(form, "chain_id"))
    return Outcome()


def _block_id(form: Input) -> Outcome:
    header = from_json(Header, form["header"])
    return Outcome(encode(header).hex(), block_id(header).hex())


def _verify_transaction_proof(form: Input) -> Outcome:
    header = from_json(Header, form["header"])
    proof = from_json(TransactionProof, form["proof"])
    names = _hex(form, "transaction_id"), _hex(form, "witness_hash")
    verify_transaction_proof(header, *names, proof)
    return Outcome()


def _receipts_root(form: Input) -> Outcome:
    receipts = [from_json(Receipt, receipt) for receipt in form["receipts"]]
    return Outcome(hash=receipts_root(receipts).hex())


def _parameters_hash(form: Input) -> Outcome:
    parameters = from_json(ChainParameters, form["parameters"])
    return Outcome(encode(parameters).hex(), parameters_hash(parameters).hex())


def _encode_message(form: Input) -> Outcome:
    return Outcome(encode(from_json(BridgeMessage, form["message"])).hex())


def _encode_call_body(form: Input) -> Outcome:
    return Outcome(encode(from_json(CallBody, form["body"])).hex())


def _bridge_root(form: Input) -> Outcome:
    commitments = [from_json(PeerCommitment, item) for item in form["commitments"]]
    return Outcome(hash=bridge_root(commitments).hex())


def _verify_commitment(form: Input) -> Outcome:
    verify_commitment(_hex(form, "root"), from_json(CommitmentProof, form["proof"]))
    return Outcome()


def _chain_account(form: Input) -> Outcome:
    account = chain_account(_hex(form, "chain_id"), form["purpose"], _hex(form, "peer"))
    return Outcome(hash=account.hex())


def _advance(form: Input) -> Outcome:
    trusted = advance(
        from_json(TrustedHeader, form["trusted"]),
        from_json(Header, form["header"]),
        from_json(Certificate, form["certificate"]),
        from_json(DelegateSet, form["delegates"]),
        int(form["now_ms"]),
    )
    return Outcome(encode(trusted).hex(), trusted.header_id.hex())


OPERATIONS: dict[str, Callable[[Input], Outcome]] = {
    "encode_value": _encode_value,
    "decode_value": _decode_value,
    "tagged_hash": _tagged_hash,
    "hash160": _hash160,
    "public_key": _public_key,
    "verify_key": _verify_key,
    "sign": _sign,
    "verify_signature": _verify_signature,
    "account_of_script": _account_of_script,
    "encode_address": _encode_address,
    "decode_address": _decode_address,
    "merkle_root": _merkle_root,
    "build_inclusion": _build_inclusion,
    "verify_inclusion": _verify_inclusion,
    "sign_transaction": _sign_transaction,
    "decode_transaction": _decode_transaction,
    "witness_hash": _witness_hash,
    "verify_transaction": _verify_transaction,
    "encode_payload": _encode_payload,
    "canonical_json": _canonical_json,
    "state_root": _state_root,
    "verify_state": _verify_state,
    "delegates_hash": _delegates_hash,
    "second_vote_hash": _second_vote_hash,
    "certificate_hash": _certificate_hash,
    "verify_certificate": _verify_certificate,
    "block_id": _block_id,
    "verify_transaction_proof": _verify_transaction_proof,
    "receipts_root": _receipts_root,
    "parameters_hash": _parameters_hash,
    "encode_message": _encode_message,
    "encode_call_body": _encode_call_body,
    "bridge_root": _bridge_root,
    "verify_commitment": _verify_commitment,
    "chain_account": _chain_account,
    "advance": _advance,
}
"""Every operation by the name that stands in the files."""
