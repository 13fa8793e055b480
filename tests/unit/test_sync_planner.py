"""Whom a node asks for which blocks."""

from chain_engine.sync.planner import BLOCKS_PER_REQUEST, FAILURES_MAX, BlockRequest, SyncPlanner

NEAR, FAR = b"near", b"far"


def test_nobody_ahead_means_nothing_to_ask():
    planner = SyncPlanner()
    planner.hear(NEAR, 5)
    assert planner.next_request(5) is None
    assert planner.target(5) == 5


def test_the_highest_peer_is_asked_for_a_bounded_range():
    planner = SyncPlanner()
    planner.hear(NEAR, 8)
    planner.hear(FAR, 1_000)
    assert planner.next_request(5) == BlockRequest(FAR, 6, BLOCKS_PER_REQUEST)
    assert planner.target(5) == 1_000


def test_a_failing_peer_steps_back_and_news_bring_it_back():
    planner = SyncPlanner()
    planner.hear(NEAR, 8)
    planner.hear(FAR, 1_000)
    planner.failed(FAR)
    assert planner.next_request(5) == BlockRequest(NEAR, 6, 3)
    for _ in range(FAILURES_MAX):
        planner.failed(FAR)
        planner.failed(NEAR)
    assert planner.next_request(5) is None
    planner.hear(FAR, 1_001)
    assert planner.next_request(5) == BlockRequest(FAR, 6, BLOCKS_PER_REQUEST)


def test_a_served_request_clears_the_failures():
    planner = SyncPlanner()
    planner.hear(NEAR, 8)
    planner.failed(NEAR)
    planner.served(NEAR)
    assert planner.failures == {}
