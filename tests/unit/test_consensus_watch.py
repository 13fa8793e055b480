"""When a delegate stays silent although it could sign."""

from chain_engine.node.consensus_watch import SigningWatch


def test_a_known_sign_state_signs_at_once():
    watch = SigningWatch(is_new=False)
    watch.note_start(5)
    assert watch.may_sign(5)


def test_a_new_network_signs_at_once():
    assert SigningWatch(is_new=True).may_sign(1)


def test_a_missing_sign_state_watches_two_heights():
    watch = SigningWatch(is_new=True)
    watch.note_start(5)
    assert [watch.may_sign(height) for height in (5, 6, 7)] == [False, False, True]


def test_nothing_is_signed_while_catching_up():
    watch = SigningWatch(is_new=False)
    watch.is_catching_up = True
    assert not watch.may_sign(5)


def test_a_wiped_node_watches_after_catching_up():
    watch = SigningWatch(is_new=True)
    watch.note_signed(1)
    watch.note_synced(40, 41)
    assert not watch.may_sign(42)
    assert watch.may_sign(43)


def test_heights_in_which_we_voted_do_not_silence_us():
    watch = SigningWatch(is_new=True)
    for height in range(1, 10):
        watch.note_signed(height)
        watch.note_synced(1, height + 1)
    assert watch.may_sign(10)
