"""The pure parts of the peer transport: handshake, sessions, strikes, queues."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_engine.codec.canonical import Struct
from chain_engine.crypto.keys import SecretKey
from chain_engine.http.errors import PeerBanned, PeerUnproven, RateLimited
from chain_engine.http.peer.guard import PEERS_MAX, PeerGuard
from chain_engine.http.peer.handshake import (
    HELLO_VERSION,
    Challenge,
    Hello,
    Proof,
    sign_challenge,
    sign_proof,
    verify_challenge,
    verify_hello,
    verify_proof,
)
from chain_engine.http.peer.queues import SendQueue
from chain_engine.http.peer.server import fitting
from chain_engine.http.peer.sessions import Sessions
from chain_engine.http.peer.settings import PeerSettings

NETWORK = bytes([9]) * 32
ALICE, BOB, MALLORY = (SecretKey(bytes([n]) * 32) for n in (1, 2, 3))
CHAIN, OTHER = bytes([1]) * 32, bytes([2]) * 32


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class Draw:
    """Different bytes at every call, the same in every run."""

    def __init__(self):
        self.count = 0

    def __call__(self, length):
        self.count += 1
        return self.count.to_bytes(length, "big")


def changed(struct: Struct, **fields):
    return type(struct)(**{f: getattr(struct, f) for f in struct.__struct_fields__} | fields)


def hello_to(responder, nonce=b"n" * 32):
    return Hello(HELLO_VERSION, NETWORK, ALICE.public, responder.public, nonce)


def sessions_of(key, settings=None, clock=None):
    return Sessions(key, NETWORK, settings or PeerSettings(), Draw(), clock or Clock())


def test_both_sides_prove_their_keys():
    hello = hello_to(BOB)
    sessions = sessions_of(BOB)
    challenge = sessions.challenge(hello)
    verify_challenge(hello, challenge)
    peer, session = sessions.open(sign_proof(ALICE, hello, challenge.nonce))
    assert peer == ALICE.public
    assert sessions.peer_of(session.token.hex()) == ALICE.public


def test_a_relay_to_a_third_node_fails():
    """Mallory cannot pass a hello, a challenge or a proof on between two honest nodes."""
    # Alice dials Mallory; Mallory hands her hello on to Bob: Bob sees that it is not for him
    with pytest.raises(PeerUnproven, match="meant for another node"):
        sessions_of(BOB).challenge(hello_to(MALLORY))
    # so Mallory says hello to Bob in Alice's name, and lets Alice sign the proof
    bob = sessions_of(BOB)
    forged = hello_to(BOB)
    challenge = bob.challenge(forged)
    to_mallory = hello_to(MALLORY, forged.nonce)
    # she refuses Bob's challenge, because she dialled Mallory
    with pytest.raises(PeerUnproven):
        verify_challenge(to_mallory, challenge)
    # and what she signs for Mallory with Bob's nonce is worth nothing to Bob
    own = sign_challenge(MALLORY, to_mallory, challenge.nonce)
    verify_challenge(to_mallory, own)
    with pytest.raises(PeerUnproven):
        bob.open(sign_proof(ALICE, to_mallory, own.nonce))


def test_a_signature_of_one_role_is_not_one_of_the_other():
    hello, nonce = hello_to(BOB), b"r" * 32
    challenge = sign_challenge(BOB, hello, nonce)
    reflected = Proof(BOB.public, hello.nonce, challenge.signature)
    with pytest.raises(PeerUnproven):
        verify_proof(changed(hello, initiator=BOB.public), nonce, reflected)


@pytest.mark.parametrize(
    "fields",
    [
        {"version": 2},
        {"network": bytes(32)},
        {"responder": MALLORY.public},
        {"nonce": b"short"},
    ],
)
def test_a_hello_that_is_not_for_this_node_is_refused(fields):
    with pytest.raises(PeerUnproven):
        verify_hello(changed(hello_to(BOB), **fields), network=NETWORK, responder=BOB.public)


def test_a_challenge_by_another_key_or_for_other_nonces_is_refused():
    hello = hello_to(BOB)
    good = sign_challenge(BOB, hello, b"r" * 32)
    for bad in (
        sign_challenge(MALLORY, hello, b"r" * 32),
        Challenge(b"x" * 32, good.signature),
        Challenge(good.nonce, bytes(64)),
        Challenge(b"", b""),
    ):
        with pytest.raises(PeerUnproven):
            verify_challenge(hello, bad)
    with pytest.raises(PeerUnproven):
        verify_challenge(changed(hello, nonce=b"m" * 32), good)


def test_a_challenge_is_used_once_and_in_time():
    clock = Clock()
    sessions = sessions_of(BOB, clock=clock)
    hello = hello_to(BOB)
    proof = sign_proof(ALICE, hello, sessions.challenge(hello).nonce)
    sessions.open(proof)
    with pytest.raises(PeerUnproven):
        sessions.open(proof)
    proof = sign_proof(ALICE, hello, sessions.challenge(hello).nonce)
    clock.now += 11
    with pytest.raises(PeerUnproven, match="over"):
        sessions.open(proof)


def test_a_proof_by_another_key_opens_nothing():
    sessions = sessions_of(BOB)
    hello = hello_to(BOB)
    proof = sign_proof(MALLORY, hello, sessions.challenge(hello).nonce)
    with pytest.raises(PeerUnproven, match="signature"):
        sessions.open(proof)


def open_session(sessions, key):
    hello = Hello(HELLO_VERSION, NETWORK, key.public, BOB.public, b"n" * 32)
    _, session = sessions.open(sign_proof(key, hello, sessions.challenge(hello).nonce))
    return session.token.hex()


def test_a_session_ends_when_it_is_idle_or_closed():
    clock = Clock()
    sessions = sessions_of(BOB, clock=clock)
    token = open_session(sessions, ALICE)
    clock.now += 599
    sessions.peer_of(token)
    clock.now += 599
    sessions.peer_of(token)
    clock.now += 601
    with pytest.raises(PeerUnproven):
        sessions.peer_of(token)
    token = open_session(sessions, ALICE)
    sessions.close(ALICE.public)
    for bad in (token, "", None, "zz", "00" * 32):
        with pytest.raises(PeerUnproven):
            sessions.peer_of(bad)


def test_sessions_are_bounded_per_key_and_in_all():
    sessions = sessions_of(BOB, replace(PeerSettings(), sessions_max=5, sessions_per_key_max=2))
    own = [open_session(sessions, ALICE) for _ in range(3)]
    with pytest.raises(PeerUnproven):
        sessions.peer_of(own[0])
    others = [open_session(sessions, SecretKey(bytes([n]) * 32)) for n in range(20, 24)]
    alive = 0
    for token in own + others:
        try:
            sessions.peer_of(token)
        except PeerUnproven:
            continue
        alive += 1
    assert alive == 5


def test_challenges_are_bounded():
    sessions = sessions_of(BOB, replace(PeerSettings(), pending_max=2))
    hellos = [hello_to(BOB, bytes([n]) * 32) for n in range(3)]
    challenges = [sessions.challenge(hello) for hello in hellos]
    with pytest.raises(PeerUnproven):
        sessions.open(sign_proof(ALICE, hellos[0], challenges[0].nonce))
    sessions.open(sign_proof(ALICE, hellos[2], challenges[2].nonce))


def test_three_strikes_ban_for_a_while():
    clock = Clock()
    guard = PeerGuard(PeerSettings(), clock)
    assert not guard.strike(b"peer", "one")
    assert not guard.strike(b"peer", "two")
    guard.verify_allowed(b"peer")
    assert guard.strike(b"peer", "three")
    with pytest.raises(PeerBanned, match="three"):
        guard.verify_allowed(b"peer")
    guard.verify_allowed(b"other")
    clock.now += 601
    guard.verify_allowed(b"peer")


def test_old_strikes_are_forgiven():
    clock = Clock()
    guard = PeerGuard(PeerSettings(), clock)
    for _ in range(10):
        assert not guard.strike(b"peer", "slip")
        clock.now += 400


def test_a_peer_has_its_own_tokens_and_records_are_bounded():
    guard = PeerGuard(replace(PeerSettings(), tokens_per_s=1, tokens_max=1), Clock())
    guard.take(b"a")
    guard.take(b"b")
    with pytest.raises(RateLimited):
        guard.take(b"a")
    for n in range(PEERS_MAX + 5):
        guard.strike(n.to_bytes(4, "big"), "x")
    assert len(guard._records) == PEERS_MAX


def test_a_queue_drops_the_oldest_by_number_and_by_bytes():
    queue = SendQueue(items_max=3, bytes_max=10)
    queue.push(CHAIN, [b"a", b"b", b"c", b"d"])
    assert queue.take(items_max=9, bytes_max=99) == (CHAIN, [b"b", b"c", b"d"])
    queue.push(CHAIN, [b"1234", b"5678", b"90ab"])
    assert queue.take(items_max=9, bytes_max=99) == (CHAIN, [b"5678", b"90ab"])
    assert queue.dropped == 2


def test_a_batch_is_of_one_chain_and_within_its_bounds():
    queue = SendQueue(items_max=100, bytes_max=1000)
    queue.push(CHAIN, [b"11", b"22", b"33"])
    queue.push(OTHER, [b"44"])
    assert queue.take(items_max=2, bytes_max=99) == (CHAIN, [b"11", b"22"])
    assert queue.take(items_max=2, bytes_max=1) == (CHAIN, [b"33"])
    assert queue.take(items_max=2, bytes_max=99) == (OTHER, [b"44"])
    assert queue.take(items_max=2, bytes_max=99) is None


def test_a_batch_that_failed_goes_back_to_the_front():
    queue = SendQueue(items_max=3, bytes_max=100)
    queue.push(CHAIN, [b"1", b"2"])
    chain_id, batch = queue.take(items_max=9, bytes_max=99)
    queue.push(CHAIN, [b"3", b"4"])
    queue.put_back(chain_id, batch)
    assert queue.dropped == 1
    assert queue.take(items_max=9, bytes_max=99) == (CHAIN, [b"2", b"3", b"4"])


actions = st.lists(
    st.tuples(st.sampled_from(["push", "take", "fail"]), st.binary(max_size=6)), max_size=40
)


@given(actions)
def test_a_queue_keeps_order_and_bounds_whatever_happens(actions):
    queue = SendQueue(items_max=5, bytes_max=16)
    sent, pushed = [], 0
    for action, item in actions:
        if action == "push":
            pushed += 1
            queue.push(CHAIN, [bytes([pushed]) + item])
        else:
            taken = queue.take(items_max=3, bytes_max=9)
            if taken is None:
                continue
            if action == "fail":
                queue.put_back(*taken)
            else:
                sent += taken[1]
        assert len(queue) <= 5
        assert queue.waiting_bytes <= 16
    rest = queue.take(items_max=99, bytes_max=999)
    everything = [item[0] for item in sent + (rest[1] if rest else [])]
    assert everything == sorted(everything)
    assert len(everything) + queue.dropped == pushed


@given(st.lists(st.binary(max_size=20), max_size=10), st.integers(0, 60))
def test_an_answer_fits_its_limit_but_is_never_empty_for_nothing(items, limit):
    chosen = fitting(list(items), limit)
    assert chosen == items[: len(chosen)]
    assert sum(map(len, chosen)) <= limit or len(chosen) == 1
    assert bool(chosen) == bool(items)
