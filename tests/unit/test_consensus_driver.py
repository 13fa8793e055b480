"""The driver: four delegates with real keys, journals and sign-states in one process."""

import asyncio

import pytest
from support.consensus_cluster import Cluster

from chain_engine.consensus.messages import Proposal, SecondVote, encode_message, signed_hash
from chain_engine.node.consensus_driver import ConsensusHalted
from chain_engine.storage.errors import StorageFull
from chain_engine.storage.journal import ConsensusJournal


@pytest.fixture
async def cluster(tmp_path):
    made = Cluster(tmp_path, 4)
    yield made
    await made.stop()


def bodies(count: int) -> list[bytes]:
    return [bytes([index]) * 32 for index in range(1, count + 1)]


async def test_transactions_are_committed_by_all(cluster):
    cluster.start()
    for body in bodies(3):
        cluster.submit(body)
        await cluster.until_committed(body)
    cluster.verify_agreement()
    assert all(not member.evidence for member in cluster.members)


async def test_an_idle_chain_sends_nothing_and_makes_no_blocks(cluster):
    cluster.start()
    cluster.submit(bodies(1)[0])
    await cluster.until_height(1)
    for _ in range(50):
        await asyncio.sleep(0)
    before = cluster.sent
    await asyncio.sleep(0.4)
    assert cluster.sent == before
    assert all(member.chain.tip.height == 1 for member in cluster.members)


async def test_a_member_without_transactions_joins_at_the_proposal(cluster):
    cluster.start()
    for member in cluster.members:
        member.chain.waiting.append(bodies(1)[0])
    for member in cluster.members[:3]:
        member.driver.transactions_waiting()
    await cluster.until_height(1)


async def test_three_of_four_go_on_and_the_fourth_catches_up(cluster):
    cluster.start()
    await cluster.until(lambda: all(m.driver.state is not None for m in cluster.members))
    await cluster.members[2].kill()
    others = [m for m in cluster.members if m.index != 2]
    for body in bodies(3):
        cluster.submit(body)
        await cluster.until_committed(body)
    cluster.members[2].start()
    await cluster.until(lambda: cluster.members[2].chain.tip.height >= others[0].chain.tip.height)
    cluster.verify_agreement()
    assert cluster.members[2].behind


async def test_all_killed_before_the_second_votes_arrive_commit_the_locked_block(cluster):
    """Locks, bodies and votes come back from the journal; the pools are empty after the crash."""
    seen: set[int] = set()
    all_locked = asyncio.Event()

    def drop(_sender, _receiver, message):
        if isinstance(message, SecondVote) and message.block_id:
            seen.add(message.signer)
            if len(seen) == 4:
                all_locked.set()
            return True
        return False

    cluster.drop = drop
    cluster.start()
    body = bodies(1)[0]
    cluster.submit(body)
    await all_locked.wait()
    locks = {member.driver.state.lock.block_id for member in cluster.members}
    assert len(locks) == 1
    await cluster.stop()
    cluster.drop = lambda *_: False
    cluster.start()
    await cluster.until_height(1)
    cluster.verify_agreement()
    assert cluster.members[0].chain.blocks[1] == [body]


async def test_members_killed_again_and_again_never_sign_twice(cluster):
    """The cluster records every signed message and refuses a second one for the same step."""
    cluster.start()
    for place, body in enumerate(bodies(6)):
        cluster.submit(body)
        victim = cluster.members[place % 4]
        for _ in range(3 * place):
            await asyncio.sleep(0)
        await victim.kill()
        victim.start()
        cluster.submit(body)
        await cluster.until_height(place + 1)
    cluster.verify_agreement()


async def test_lost_proposals_are_pulled(cluster):
    pushed: set[tuple[int, int]] = set()

    def drop(_sender, receiver, message):
        """The first copy of a proposal to each member is lost."""
        if not isinstance(message, Proposal) or (receiver.index, message.height) in pushed:
            return False
        pushed.add((receiver.index, message.height))
        return True

    cluster.drop = drop
    cluster.start()
    cluster.submit(bodies(1)[0])
    await cluster.until_height(1)
    assert len(pushed) >= 3


async def test_garbage_is_counted_and_forgotten(cluster):
    cluster.start()
    member = cluster.members[0]
    for data in (b"", b"\xff" * 100, b"\x95\x01", bytes(2_000_000)):
        member.driver.receive(cluster.members[1].key.public, data)
    cluster.submit(bodies(1)[0])
    await cluster.until_height(1)
    assert sum(n for reason, n in member.driver.counts.items() if "undecodable" in reason) == 4


async def test_a_peer_that_floods_crowds_out_nobody(cluster):
    """The flood is there first; the message of another peer is kept, and it is the next but one."""
    cluster.start()
    driver = cluster.members[0].driver
    while driver._messages.pop():
        pass  # greetings
    for _ in range(5_000):
        driver.receive(b"a flooding peer", b"\xff")
    dropped = driver.counts["queue full"]
    assert 0 < dropped < 5_000
    driver.receive(cluster.members[1].key.public, b"a vote")
    assert driver.counts["queue full"] == dropped
    first, second = driver._messages.pop(), driver._messages.pop()
    assert first == (b"a flooding peer", b"\xff")
    assert second == (cluster.members[1].key.public, b"a vote")
    for _ in range(4_999 - dropped):
        assert driver._messages.pop() is not None
    assert driver._messages.pop() is None
    assert not driver._messages._bytes


async def test_a_node_that_catches_up_signs_nothing(cluster):
    cluster.start()
    watcher = cluster.members[1]
    watcher.driver.set_catching_up(is_catching_up=True)
    for body in bodies(2):
        cluster.submit(body)
        await cluster.until_committed(body)
    assert not any(where[0] == watcher.key.public for where in cluster.signed)


async def test_a_lost_sign_state_is_watched_out_for_two_heights(cluster):
    cluster.start()
    cluster.submit(bodies(1)[0])
    await cluster.until_height(1)
    member = cluster.members[0]
    await member.kill()
    start = member.chain.tip.height + 1
    (member.folder / "sign_state").unlink()
    (member.folder / "journal").unlink()
    before = {where for where in cluster.signed if where[0] == member.key.public}
    member.start()
    for place, body in enumerate(bodies(5)[1:]):
        cluster.submit(body)
        await cluster.until_height(start + place)
    signed = {where[1] for where in cluster.signed if where[0] == member.key.public} - {
        where[1] for where in before
    }
    assert signed
    assert min(signed) >= start + 2


async def test_a_fork_stops_the_driver_loudly(cluster):
    cluster.start()
    await cluster.until(lambda: all(m.driver.state is not None for m in cluster.members))
    victim = cluster.members[0]
    for round_, choice in enumerate((b"\1" * 32, b"\2" * 32)):
        for member in cluster.members[1:]:
            vote = SecondVote(1, round_, choice, member.index, bytes(64))
            signature = member.key.sign(signed_hash(vote, member.chain.chain_id))
            signed = SecondVote(1, round_, choice, member.index, signature)
            victim.driver.receive(member.key.public, encode_message(signed))
    with pytest.raises(ConsensusHalted):
        await victim.task
    victim.task = None


async def test_nothing_is_sent_when_the_disk_refuses_the_journal(cluster, monkeypatch):
    def refuse(*_args):
        raise StorageFull(path="journal")

    monkeypatch.setattr(ConsensusJournal, "append", refuse)
    cluster.start()
    tasks = [member.task for member in cluster.members]
    cluster.submit(bodies(1)[0])
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    with pytest.raises(StorageFull):
        done.pop().result()
    assert cluster.signed == {}
    for member in cluster.members:
        member.task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for member in cluster.members:
        member.task = None
