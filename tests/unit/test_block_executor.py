"""Blocks on a real store: hostile bodies, slow peers, and heights that end meanwhile."""

import asyncio

import pytest
from support.bridge_chains import ALICE, BOB, account_of, key_of, parameters_of
from support.dapp_chain import delegates_of

from chain_engine.blocks.block import block_id
from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.blocks.certificate import Certificate, bitmap_of, second_vote_hash
from chain_engine.blocks.genesis import Genesis
from chain_engine.consensus.events import Verdict
from chain_engine.http.peer.network import PeerNetwork
from chain_engine.ledger.genesis import genesis_entries
from chain_engine.ledger.kinds.account_transfer import TransferPayload
from chain_engine.mempool.pool import PoolLimits
from chain_engine.node.chain_node import ChainFiles, ChainNode, open_chain
from chain_engine.node.verification import SignatureVerifier
from mainchain.ledger.machine import MainLedger

KEY = key_of(1)
TIME_MS = 1_700_000_000_000


class Peers(PeerNetwork):
    """Peers whose answers the test chooses."""

    def __init__(self, network: bytes) -> None:
        super().__init__(KEY, [], network=network)
        self.answers: list[dict[bytes, bytes]] = []
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def fetch_bodies(self, chain_id, hashes, *, peer=None, is_body=None):
        del chain_id, peer, is_body
        self.asked.set()
        await self.may_answer.wait()
        found = {}
        for answer in self.answers:
            found |= {key: answer[key] for key in hashes if key in answer and key not in found}
        return found


class Rig:
    """Two nodes of one chain with one delegate; they share the key but no network."""

    def __init__(self, folder) -> None:
        entries = genesis_entries({account_of(k): {"ACC": 10**12} for k in (ALICE, BOB)})
        genesis = Genesis(1, "acc", TIME_MS, parameters_of(), delegates_of(KEY), entries, ())
        self.verifier = SignatureVerifier(1)
        self.nodes = []
        self.peers = []
        for name in ("forger", "voter"):
            files = ChainFiles(folder / name)
            store = open_chain(files.store, genesis)
            peers = Peers(store.chain_id)
            self.peers.append(peers)
            self.nodes.append(
                ChainNode(
                    name=name,
                    store=store,
                    machine=MainLedger(store.chain_id, store.parameters),
                    files=files,
                    key=KEY,
                    network=peers,
                    verifier=self.verifier,
                    pool_limits=PoolLimits(),
                )
            )
        self.chain_id = self.nodes[0].chain_id

    def transfer(self, key=ALICE, nonce=0):
        tx = build_transaction(
            chain_id=self.chain_id,
            kind="account.transfer",
            sender=account_of(key),
            nonce=nonce,
            valid_until_height=100,
            fee=10_000,
            payload=TransferPayload("ACC", account_of(BOB), 1, ""),
        )
        return sign_transaction(tx, self.chain_id, [key])

    def certificate(self, header) -> Certificate:
        identity = block_id(header)
        digest = second_vote_hash(self.chain_id, header.height, header.round, identity)
        return Certificate(
            header.height, header.round, identity, bitmap_of({0}, 1), (KEY.sign(digest),)
        )

    def close(self) -> None:
        for node in self.nodes:
            node._journal.close()
            node.store.close()
        self.verifier.close()


@pytest.fixture
async def rig(tmp_path):
    made = Rig(tmp_path)
    yield made
    for peers in made.peers:
        peers.may_answer.set()
    for node in made.nodes:
        await node._executor.close()
    made.close()


async def propose(rig):
    signed = rig.transfer()
    forger = rig.nodes[0]
    (result,) = await forger.submit([signed.raw])
    assert result.error is None
    return signed, await forger.build(1, 0, TIME_MS + 1000)


async def test_garbage_from_a_lying_peer_is_no_verdict_about_the_block(rig):
    signed, block = await propose(rig)
    voter, peers = rig.nodes[1], rig.peers[1]
    peers.answers = [{signed.witness_hash: b"garbage"}]
    assert await voter.validate(block, ()) is Verdict.UNAVAILABLE
    peers.answers = [{signed.witness_hash: signed.raw}]
    assert await voter.validate(block, ()) is Verdict.VALID


async def test_strangers_are_not_heard(rig):
    node = rig.nodes[0]
    await node.on_messages(key_of(7).public, [b"anything"] * 3)
    await node.on_announce(key_of(7).public, [bytes(32)])
    assert len(node._driver._messages) == 0
    assert node._driver.counts["stranger"] == 3
    assert not node._gossip._wanted
    await node.on_messages(KEY.public, [b"anything"])
    assert len(node._driver._messages) == 1


async def test_a_build_that_waits_while_its_height_is_committed_does_not_end_the_node(rig):
    _, block = await propose(rig)
    node = rig.nodes[0]
    executor = node._executor
    async with executor._turn:
        late = asyncio.create_task(node.build(1, 1, TIME_MS + 2000))
        committing = asyncio.create_task(
            executor.commit(block_id(block.header), rig.certificate(block.header))
        )
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        executor._turn._waiters.reverse()  # the commit comes first, as when sync was faster
    assert await committing is not None
    done, _ = await asyncio.wait([late], timeout=0.05)
    assert not done, late.exception()
    late.cancel()


async def test_a_commit_does_not_wait_for_bodies_of_another_proposal(rig):
    signed, block = await propose(rig)
    other = rig.nodes[0]
    voter, peers = rig.nodes[1], rig.peers[1]
    peers.answers = [{signed.witness_hash: signed.raw}]
    assert await voter.validate(block, ()) is Verdict.VALID
    (result,) = await other.submit([rig.transfer(BOB).raw])
    assert result.error is None
    second = await other.build(1, 1, TIME_MS + 2000)
    peers.asked.clear()
    peers.may_answer.clear()
    waiting = asyncio.create_task(voter.validate(second, ()))
    await peers.asked.wait()
    async with asyncio.timeout(5):
        await voter.commit(block_id(block.header), rig.certificate(block.header))
    assert voter.store.tip.height == 1
    peers.may_answer.set()
    assert await waiting is Verdict.UNAVAILABLE
