"""The nodes relay nothing here: strangers carry messages and acks, honestly, badly, and forged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from msgspec.structs import replace
from support.running_ecc import (
    ACC,
    RunningEcc,
    eventually,
    post_transaction,
    running_ecc,
    state_root,
)

from acc.keystore import generate_secret_key
from acc.transactions import Order, prepare_transaction
from chain_engine.blocks.bridge import AckStatus, PeerCommitment
from chain_engine.blocks.light_client import TrustedHeader
from chain_engine.codec.canonical import Struct, decode
from chain_engine.crypto.accounts import account_of_key, encode_address
from chain_engine.crypto.keys import SecretKey
from chain_engine.http.client import ChainClient
from chain_engine.ledger.bridge.certify import CertifyPayload
from chain_engine.ledger.bridge.receive import DeliverPayload
from chain_engine.ledger.bridge.settle import SettlePayload
from chain_engine.ledger.keys import light_client_key
from sidechain_host.relayer import Relayer

RELAY_KINDS = {
    "chain.certify": CertifyPayload,
    "chain.deliver": DeliverPayload,
    "chain.settle": SettlePayload,
}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def chain_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("relay")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ecc(chain_folder):
    async with running_ecc(chain_folder, nodes=4, relay=False) as running:
        yield running


@asynccontextmanager
async def relaying(ecc: RunningEcc, *keys: SecretKey) -> AsyncIterator[None]:
    """Strangers' relayers, each at other nodes, until everything on its way has arrived."""
    clients, tasks = [], []
    for place, key in enumerate(keys):
        main = ChainClient(ecc.net.urls[place % 4])
        side = ChainClient(ecc.net.urls[(place + 1) % 4], chain="ecc")
        clients += [main, side]
        tasks.append(asyncio.create_task(Relayer(main, side, key, poll_ms=50).run()))
    try:
        yield
        await eventually("everything to be delivered and settled", ecc.is_quiet)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in clients:
            await client.close()


@pytest.fixture
def stranger() -> SecretKey:
    """Somebody without funds on either chain."""
    return generate_secret_key()


async def units_of(client: ChainClient, key: SecretKey) -> int:
    address = encode_address(account_of_key(key.public))
    return (await client.account(address)).balances.get("ACC", 0)


async def nonce_of(client: ChainClient, key: SecretKey) -> int:
    return (await client.account(encode_address(account_of_key(key.public)))).nonce


async def chain_ids(ecc: RunningEcc) -> tuple[bytes, bytes]:
    return bytes.fromhex((await ecc.main.status())["chain_id"]), ecc.deployed.chain_id


async def commitment_of(client: ChainClient, peer: bytes) -> PeerCommitment:
    """What a chain commits to about a peer."""
    return next(c for c in await client.commitments() if c.peer == peer)


async def certified_height(client: ChainClient, peer: bytes) -> int:
    """Height of the peer's header that a chain certified last."""
    row = (await client.prove_state(light_client_key(peer)))["value"]
    return decode(bytes.fromhex(row), TrustedHeader).height


async def carry(client: ChainClient, key: SecretKey, kind: str, payload: Struct) -> str:
    """Commit a relay transaction, or return the code it was refused with; state is compared."""
    signed = await prepare_transaction(client, key, Order(kind, payload, fee=0))
    before = await state_root(client)
    answer = await post_transaction(client, signed.raw)
    if answer.status == 200:
        outcome = await client.wait_committed(signed.id)
        assert outcome.receipt is not None
        assert outcome.receipt["code"] == ""
        return ""
    assert 400 <= answer.status < 500
    assert answer.media_type == "application/problem+json"
    assert answer.document["fix"]
    assert await state_root(client) == before
    assert await client.find_transaction(signed.id) is None
    return answer.code


async def newest_header(source: ChainClient, source_id: bytes, above: int = 0) -> CertifyPayload:
    """The newest header as a relayer submits it; waits until there is one above a height."""

    async def newer() -> int:
        height: int = (await source.status())["height"]
        return height if height > above else 0

    bundle = await source.header(await eventually("a newer header", newer))
    assert bundle.certificate is not None
    return CertifyPayload(source_id, bundle.header, bundle.certificate, bundle.delegates)


async def test_without_a_relayer_nothing_crosses_and_a_strangers_completes_the_journey(
    ecc, stranger
):
    start = await ecc.balance(ecc.ecc, "alice")
    acks = (await ecc.ecc.commitments())[0].ack_size
    await ecc.send("alice", 50 * ACC)
    target = (await ecc.ecc.status())["height"] + 3

    async def later() -> bool:
        return (await ecc.ecc.status())["height"] >= target

    await eventually("three blocks of ECC", later)
    assert await ecc.balance(ecc.ecc, "alice") == start
    assert (await ecc.ecc.commitments())[0].ack_size == acks
    async with relaying(ecc, stranger):

        async def arrived() -> bool:
            return await ecc.balance(ecc.ecc, "alice") == start + 50 * ACC

        await eventually("the deposit", arrived)
        before = await ecc.balance(ecc.main, "alice")
        await ecc.withdraw("alice", 30 * ACC)
    assert await ecc.balance(ecc.main, "alice") == before + 30 * ACC
    assert await units_of(ecc.main, stranger) > 0, "it was paid for its work"
    assert await units_of(ecc.ecc, stranger) > 0
    assert len({str(found) for found in ecc.audit()}) == 1


async def test_two_relayers_at_once_deliver_everything_exactly_once(ecc, stranger):
    async with relaying(ecc, stranger):
        await ecc.deposited("carol", 100 * ACC)
    supply = ecc.audit()[0][0]
    carol, bob = [await ecc.balance(ecc.ecc, name) for name in ("carol", "bob")]
    async with relaying(ecc, generate_secret_key(), generate_secret_key()):
        await asyncio.gather(
            ecc.send("alice", 5 * ACC), ecc.send("bob", 7 * ACC), ecc.withdraw("carol", 9 * ACC)
        )
        await ecc.send("alice", 6 * ACC)
    (fee,) = {c["fee"] for c in (await ecc.ecc.account_transactions(
        ecc.account("carol").address))["data"][:1]}  # fmt: skip
    assert await ecc.balance(ecc.ecc, "carol") == carol - 10 * ACC - int(fee)
    assert await ecc.balance(ecc.ecc, "bob") == bob + 7 * ACC
    audits = ecc.audit()
    assert all(found[0] == supply for found in audits)
    assert len({str(found) for found in audits}) == 1


async def test_repeated_and_reordered_relay_transactions_change_nothing(ecc, stranger):
    first = {"main": await ecc.main.status(), "ecc": await ecc.ecc.status()}
    async with relaying(ecc, stranger):
        await ecc.deposited("dave", 40 * ACC)
        await ecc.withdraw("dave", 3 * ACC)
    seen = []
    for name, client in (("main", ecc.main), ("ecc", ecc.ecc)):
        for height in range(first[name]["height"] + 1, (await client.status())["height"] + 1):
            page = await client.block_transactions(height)
            seen += [(client, tx) for tx in page["data"] if tx["kind"] in RELAY_KINDS]
    assert {(tx["kind"], client.path) for client, tx in seen} >= {
        ("chain.deliver", ecc.main.path), ("chain.deliver", ecc.ecc.path),
        ("chain.settle", ecc.main.path), ("chain.settle", ecc.ecc.path),
    }  # fmt: skip
    before = ecc.audit()
    nonces = [await nonce_of(client, stranger) for client in (ecc.main, ecc.ecc)]
    for client, tx in reversed(seen):
        # the very same bytes: known, and not done again
        answer = await post_transaction(client, bytes.fromhex(tx["raw"]))
        assert (answer.status, answer.document["data"][0]["id"]) == (200, tx["id"])
    assert [await nonce_of(client, stranger) for client in (ecc.main, ecc.ecc)] == nonces
    codes = {}
    for client, tx in reversed(seen):
        payload = decode(bytes.fromhex(tx["payload"]), RELAY_KINDS[tx["kind"]])
        code = await carry(client, generate_secret_key(), tx["kind"], payload)
        codes.setdefault(tx["kind"], set()).add(code)
    assert codes["chain.certify"] == {"UNTRUSTED_HEADER"}
    assert codes["chain.deliver"] <= {"OUT_OF_ORDER", "STALE_PROOF"}
    assert codes["chain.settle"] <= {"OUT_OF_ORDER", "STALE_PROOF"}
    assert ecc.audit() == before


async def test_messages_in_another_order_are_refused(ecc, stranger):
    await ecc.send("alice", 2 * ACC)
    await ecc.send("bob", 3 * ACC)
    main_id, ecc_id = await chain_ids(ecc)
    header = await newest_header(ecc.main, main_id, await certified_height(ecc.ecc, main_id))
    assert await carry(ecc.ecc, stranger, "chain.certify", header) == ""
    certified = header.header.height
    first = (await ecc.ecc.commitments())[0].ack_size
    proofs = [
        await ecc.main.prove_message(ecc_id, seq, height=certified) for seq in (first, first + 1)
    ]
    for chosen in (proofs[::-1], proofs[1:], [proofs[0], proofs[0]]):
        payload = DeliverPayload(
            main_id, certified, proofs[0].commitment, tuple(p.entry for p in chosen)
        )
        assert await carry(ecc.ecc, stranger, "chain.deliver", payload) == "OUT_OF_ORDER"
    async with relaying(ecc, stranger):
        pass


async def test_forged_certificates_proofs_and_acks_are_refused_each_with_its_code(ecc, stranger):
    main_id, ecc_id = await chain_ids(ecc)
    async with relaying(ecc, stranger):
        await ecc.deposited("alice", 10 * ACC)
    await ecc.send("alice", 4 * ACC)
    await ecc.withdraw("alice", 2 * ACC)
    for source, source_id, destination in (
        (ecc.main, main_id, ecc.ecc),
        (ecc.ecc, ecc_id, ecc.main),
    ):
        await _forge_certificates(source, source_id, destination, stranger)
        await _forge_messages(source, source_id, destination, stranger)
        await _forge_acks(source, source_id, destination, stranger)
    async with relaying(ecc, stranger):
        pass
    assert len({str(found) for found in ecc.audit()}) == 1


async def _forge_certificates(source, source_id, destination, key):
    above = await certified_height(destination, source_id)
    honest = await newest_header(source, source_id, above)
    seal = honest.certificate
    bad = bytes([seal.signatures[0][0] ^ 1]) + seal.signatures[0][1:]
    forged = {
        "INVALID_CERTIFICATE": [
            replace(honest, certificate=replace(seal, signatures=(bad, *seal.signatures[1:]))),
            replace(honest, certificate=replace(seal, signatures=seal.signatures[:1],
                                                signers=_lowest_bit(seal.signers))),
            replace(honest, certificate=replace(seal, round=seal.round + 1)),
        ],
        "UNTRUSTED_HEADER": [
            replace(honest, header=replace(honest.header, bridge_root=b"\1" * 32)),
            replace(honest, delegates=replace(honest.delegates,
                                              members=honest.delegates.members[:3])),
        ],
    }  # fmt: skip
    for code, payloads in forged.items():
        for payload in payloads:
            assert await carry(destination, key, "chain.certify", payload) == code
    assert await carry(destination, key, "chain.certify", honest) == ""


async def _forge_messages(source, source_id, destination, key):
    peer = (await destination.header("latest")).header.chain_id
    height = await certified_height(destination, source_id)
    seq = (await commitment_of(destination, source_id)).ack_size
    proof = await source.prove_message(peer, seq, height=height)
    entry, path = proof.entry, proof.entry.path
    message = entry.message
    # a log of a single entry has no siblings: the path's size is what a forger can bend
    forged = {
        "MESSAGE_NOT_PROVEN": [
            replace(entry, message=replace(message, amount=message.amount + 1)),
            replace(entry, message=replace(message, recipient=b"\7" * 20)),
            replace(entry, path=replace(path, size=path.size + 1)),
        ]
    }
    for code, entries in forged.items():
        for bad in entries:
            payload = DeliverPayload(source_id, height, proof.commitment, (bad,))
            assert await carry(destination, key, "chain.deliver", payload) == code
    inflated = replace(
        proof.commitment,
        commitment=replace(
            proof.commitment.commitment, outbox_size=proof.commitment.commitment.outbox_size + 1
        ),
    )
    payload = DeliverPayload(source_id, height, inflated, (entry,))
    code = await carry(destination, key, "chain.deliver", payload)
    assert code == "COMMITMENT_NOT_PROVEN"
    payload = DeliverPayload(source_id, height - 1, proof.commitment, (entry,))
    assert await carry(destination, key, "chain.deliver", payload) == "STALE_PROOF"
    payload = DeliverPayload(source_id, height, proof.commitment, (entry,))
    assert await carry(destination, key, "chain.deliver", payload) == ""


async def _forge_acks(source, source_id, destination, key):
    """`destination` has just delivered a message of `source`: its ack goes back to `source`."""
    destination_id = (await destination.header("latest")).header.chain_id
    before = await certified_height(source, destination_id)
    committed = (await destination.status())["height"]
    payload = await newest_header(destination, destination_id, max(before, committed - 1))
    assert await carry(source, key, "chain.certify", payload) == ""
    height = payload.header.height
    seq = (await commitment_of(source, destination_id)).settle_next
    proof = await destination.prove_ack(source_id, seq, height=height)
    ack = proof.entry.ack
    assert ack.status == AckStatus.DELIVERED
    for bad in (
        replace(proof.entry, ack=replace(ack, status=int(AckStatus.FAILED), code="FUNDS")),
        replace(proof.entry, ack=replace(ack, status=int(AckStatus.EXPIRED))),
    ):
        payload = SettlePayload(destination_id, height, proof.commitment, (bad,))
        assert await carry(source, key, "chain.settle", payload) == "ACK_NOT_PROVEN"
    payload = SettlePayload(destination_id, height, proof.commitment, (proof.entry,))
    assert await carry(source, key, "chain.settle", payload) == ""


def _lowest_bit(bitmap: bytes) -> bytes:
    number = int.from_bytes(bitmap, "little")
    return (number & -number).to_bytes(len(bitmap), "little")
