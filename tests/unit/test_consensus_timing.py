"""When a height starts, how long rounds wait, whose slot it is, what is kept for later."""

import pytest
from support.consensus_core import NOW_MS, Core, GenesisChain, height_one

from chain_engine.blocks.block import Header
from chain_engine.consensus import events as ev
from chain_engine.consensus.abft import begin
from chain_engine.consensus.height import forger_of, read_height
from chain_engine.consensus.messages import FirstVote, Tip
from chain_engine.consensus.schedule import (
    epoch_start,
    idle_start_ms,
    proposal_wait_ms,
    slot_after,
    vote_wait_ms,
)
from chain_engine.consensus.state import EARLY_MESSAGES_MAX, NOT_STARTED, Step
from tools.simulator.scheme import GENESIS, PARAMETERS


def header_with(**changes) -> Header:
    values = {name: getattr(GENESIS, name) for name in Header.__struct_fields__}
    return Header(**(values | changes))


class EpochChain(GenesisChain):
    """Headers whose blocks were first proposed in the given rounds."""

    def __init__(self, rounds: list[int]) -> None:
        super().__init__()
        self.headers = [GENESIS]
        for height, round_ in enumerate(rounds, start=1):
            self.headers.append(header_with(height=height, round=round_, seed=bytes([height]) * 32))
        self.tip = self.headers[-1]

    def find_header(self, height):
        return self.headers[height]


def test_an_idle_chain_waits_the_idle_interval():
    core = Core(transactions_wait=False)
    [timer] = core.of(ev.SetTimer)
    assert timer.timer is ev.Timer.START
    assert timer.at_ms == idle_start_ms(PARAMETERS, GENESIS)
    assert core.state.round == NOT_STARTED


def test_a_waiting_transaction_starts_round_0_at_the_block_interval():
    core = Core(transactions_wait=False)
    core.take(ev.TransactionsWaiting())
    assert core.state.round == 0


def test_round_0_never_starts_before_the_block_interval():
    core = Core(transactions_wait=False)
    core.now_ms = NOW_MS - 1
    core.take(ev.TransactionsWaiting())
    assert core.state.round == NOT_STARTED
    assert core.of(ev.SetTimer)[-1].at_ms == NOW_MS
    core.now_ms = NOW_MS
    core.time_out(ev.Timer.START, 0)
    assert core.state.round == 0


def test_a_delegate_without_transactions_joins_at_the_proposal():
    core = Core(transactions_wait=False)
    identity = core.propose(0, core.block(0))
    assert core.own_votes(FirstVote, 0) == [identity]


def test_a_delegate_without_transactions_joins_more_than_a_third_of_the_votes():
    core = Core(transactions_wait=False)
    core.firsts(0, b"", count=1)
    assert core.state.round == NOT_STARTED
    core.firsts(0, b"", count=2)
    assert core.state.round == 0


def test_waits_grow_with_the_round():
    waits = [(proposal_wait_ms(PARAMETERS, r), vote_wait_ms(PARAMETERS, r)) for r in range(3)]
    assert waits == [(400, 150), (500, 225), (600, 300)]


@pytest.mark.parametrize(("height", "start"), [(1, 1), (5, 1), (6, 6), (10, 6), (11, 11)])
def test_epochs_begin_after_every_epoch_blocks(height, start):
    assert epoch_start(height, 5) == start


def test_every_failed_round_uses_a_slot():
    assert slot_after([]) == 0
    assert slot_after([header_with(round=0), header_with(round=2)]) == 4


@pytest.mark.parametrize(
    ("rounds", "slot"), [([], 0), ([0], 1), ([0, 2, 1], 6), ([0] * 5, 0), ([3] * 5 + [1], 2)]
)
def test_the_slot_follows_from_the_epochs_headers_alone(rounds, slot):
    height = read_height(EpochChain(rounds))
    assert height.slot == slot
    assert forger_of(height, 1) == height.order[(slot + 1) % 4]


def test_reading_a_height_from_the_one_before_gives_the_same():
    previous = None
    for count in range(12):
        chain = EpochChain([count_ % 3 for count_ in range(count)])
        fresh = read_height(chain)
        assert read_height(chain, previous) == fresh
        previous = fresh


def test_the_order_changes_with_the_epoch():
    orders = {read_height(EpochChain([0] * count)).order for count in range(0, 100, 5)}
    assert len(orders) > 5


def test_messages_of_the_next_height_are_kept_and_bounded():
    core = Core()
    vote = core.first(core.others[0], 0, b"")
    early = FirstVote(2, 0, b"", None, vote.signer, vote.signature)
    for _ in range(EARLY_MESSAGES_MAX + 5):
        core.receive(early)
    assert len(core.state.early) == EARLY_MESSAGES_MAX
    assert core.ignored == ["too many early messages"] * 5


def test_kept_messages_are_used_when_the_height_begins():
    core = Core()
    messages = [("peer", core.first(signer, 0, b"")) for signer in core.others]
    state, _ = begin(core.state.setup, height_one(), NOW_MS, may_sign=True, early=messages)
    assert state.at(0).first.weight == 3


def test_a_delegate_that_may_not_sign_follows_in_silence():
    core = Core(may_sign=False)
    identity = core.propose(0, core.block(0))
    core.firsts(0, identity, count=3)
    core.seconds(0, identity, count=3)
    assert core.of(ev.Sign) == core.of(ev.Journal) == core.of(ev.Broadcast) == []
    assert len(core.of(ev.Commit)) == 1


def test_a_delegate_allowed_to_sign_takes_part_from_its_next_step():
    core = Core(may_sign=False)
    identity = core.propose(0, core.block(0))
    core.take(ev.SigningAllowed(allowed=True))
    core.firsts(0, identity, count=3)
    assert core.own_votes(FirstVote, 0) == []
    assert len(core.of(ev.Sign)) == 1


def test_a_node_that_is_no_member_watches():
    core = Core(own=-1)
    identity = core.propose(0, core.block(0))
    core.firsts(0, identity, count=3)
    core.seconds(0, identity, count=3)
    assert core.of(ev.Sign) == []
    assert core.state.step is Step.DECIDED


def test_a_certificate_in_a_tip_commits_a_known_block():
    core = Core()
    identity = core.propose(0, core.block(0))
    other = Core(own=core.others[0])
    assert other.propose(0, other.block(0)) == identity
    other.firsts(0, identity, count=3)
    other.seconds(0, identity, count=3)
    [commit] = other.of(ev.Commit)
    core.receive(Tip(1, commit.certificate))
    assert [c.block_id for c in core.of(ev.Commit)] == [identity]


def test_a_tip_with_a_bad_signature_is_not_believed():
    core = Core()
    identity = core.propose(0, core.block(0))
    other = Core(own=core.others[0])
    other.propose(0, other.block(0))
    other.firsts(0, identity, count=3)
    other.seconds(0, identity, count=3)
    certificate = other.of(ev.Commit)[0].certificate
    forged = type(certificate)(1, 0, identity, certificate.signers, (bytes(64),) * 3)
    core.receive(Tip(1, forged))
    assert core.of(ev.Commit) == []
    assert "bad signature" in core.ignored


def test_a_tip_above_us_reports_that_we_are_behind():
    core = Core()
    core.receive(Tip(7, None), peer="far")
    assert core.of(ev.Behind) == [ev.Behind("far", 7)]
