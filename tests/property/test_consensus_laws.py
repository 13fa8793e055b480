"""Laws of the consensus core under any order of messages, timers and verdicts."""

from hypothesis import given, settings
from hypothesis import strategies as st
from support.consensus_core import NOW_MS, Core, height_one, sign_as

from chain_engine.blocks.block import block_id
from chain_engine.consensus import events as ev
from chain_engine.consensus.abft import begin, step
from chain_engine.consensus.height import Setup, forger_of
from chain_engine.consensus.messages import (
    NIL,
    FirstVote,
    Proposal,
    Pull,
    RoundHeld,
    SecondVote,
    decode_message,
    encode_message,
)
from chain_engine.consensus.records import BlockRecord
from chain_engine.consensus.recovery import recover
from tools.simulator.scheme import CHAIN_ID, fake_key, is_fake_signature_valid

CORE = Core()
OWN = CORE.own
BLOCKS = {key: CORE.block(*key) for key in ((0, 0), (0, 1), (1, 0))}
IDS = {key: block_id(block.header) for key, block in BLOCKS.items()}
ROUNDS = st.sampled_from([0, 0, 0, 1, 1, 2])
CHOICES = st.sampled_from([NIL, *IDS.values(), IDS[0, 0], IDS[0, 0]])
SIGNERS = st.sampled_from([index for index in range(4) if index != OWN])
VERDICTS = [ev.Verdict.VALID] * 3 + [ev.Verdict.INVALID, ev.Verdict.UNAVAILABLE]
VALID_ROUNDS = st.sampled_from([None, None, None, 0, 1])


def proposals():
    def make(key, round_, valid_round):
        signer = forger_of(CORE.height, round_)
        return CORE.proposal(round_, BLOCKS[key], valid_round, signer=signer)

    rounds = ROUNDS.filter(lambda r: forger_of(CORE.height, r) != OWN)
    return st.builds(make, st.sampled_from(sorted(BLOCKS)), rounds, VALID_ROUNDS)


MESSAGES = st.one_of(
    st.builds(CORE.first, SIGNERS, ROUNDS, CHOICES, VALID_ROUNDS),
    st.builds(CORE.second, SIGNERS, ROUNDS, CHOICES),
    proposals(),
)
EVENTS = st.one_of(
    MESSAGES.map(lambda message: ev.Received("peer", message)),
    MESSAGES.map(lambda message: ev.Received("peer", message)),
    st.builds(ev.TimedOut, st.sampled_from(ev.Timer), st.just(1), ROUNDS),
    st.builds(ev.Validated, st.sampled_from(list(IDS.values())), st.sampled_from(VERDICTS)),
    st.just(ev.TransactionsWaiting()),
)


def shown(round_, key):
    """A proposal and its validity."""
    message = CORE.proposal(round_, BLOCKS[key])
    return [ev.Received("peer", message), ev.Validated(IDS[key], ev.Verdict.VALID)]


def voted(kind, round_, choice, signers):
    """Several votes for one thing."""
    cast = CORE.first if kind == 1 else CORE.second
    return [ev.Received("peer", cast(signer, round_, choice)) for signer in signers]


BUNDLES = st.one_of(
    EVENTS.map(lambda event: [event]),
    st.sampled_from([(0, (0, 0)), (0, (0, 0)), (0, (0, 1)), (1, (1, 0))]).map(lambda p: shown(*p)),
    st.builds(
        voted,
        st.sampled_from([1, 2]),
        ROUNDS,
        CHOICES,
        st.sampled_from([CORE.others, CORE.others[:2], CORE.others[1:]]),
    ),
)
OPENINGS = [
    [],
    [shown(0, (0, 0))],
    [shown(0, (0, 0)), voted(1, 0, IDS[0, 0], CORE.others[:2])],
    [shown(0, (0, 0)), voted(1, 0, IDS[0, 0], CORE.others[:2]), voted(2, 0, NIL, CORE.others[:2])],
]
SCRIPTS = st.builds(
    lambda opening, bundles: [event for bundle in (*opening, *bundles) for event in bundle],
    st.sampled_from(OPENINGS),
    st.lists(BUNDLES, max_size=25),
)


def play(events) -> Core:
    core = Core()
    for event in events:
        core.take(event)
    return core


@given(SCRIPTS)
@settings(max_examples=150)
def test_one_thing_is_signed_per_round_and_step_and_never_backwards(events):
    records = play(events).signing_records()
    places = [(record.round, record.step) for record in records]
    assert places == sorted(set(places))


@given(SCRIPTS)
@settings(max_examples=150)
def test_the_lock_only_moves_to_a_later_round_with_a_quorum_behind_it(events):
    core = Core()
    for event in events:
        before = core.state.lock
        core.take(event)
        after = core.state.lock
        if after == before:
            continue
        assert after is not None
        assert before is None or after.round > before.round
        weights = core.state.at(after.round).first.weights
        assert 3 * weights[after.block_id] > 2 * core.height.total_weight


@given(SCRIPTS)
@settings(max_examples=100)
def test_each_signature_follows_its_journal_entry(events):
    core = play(events)
    journaled: list = []
    for effect in core.effects:
        if isinstance(effect, ev.Journal):
            journaled += effect.records
        if isinstance(effect, ev.Sign):
            assert journaled[-1].round == effect.message.round
        if isinstance(effect, ev.Broadcast) and isinstance(effect.message, SecondVote):
            assert any(getattr(r, "step", 0) == 3 for r in journaled)


@given(SCRIPTS)
@settings(max_examples=60)
def test_the_same_events_give_the_same_effects(events):
    assert play(events).effects == play(events).effects


@given(SCRIPTS)
@settings(max_examples=100)
def test_a_commit_has_a_quorum_and_an_executed_block(events):
    core = play(events)
    for commit in core.of(ev.Commit):
        assert len(commit.certificate.signatures) >= 3
        verdicts = [e.verdict for e in events if isinstance(e, ev.Validated)]
        assert ev.Verdict.VALID in verdicts


@given(SCRIPTS, SCRIPTS, st.data())
@settings(max_examples=150)
def test_a_crash_between_any_two_effects_never_leads_to_a_second_signature(before, after, data):
    """The disk holds what came before the crash; the sign-state is checked as the shell does."""
    disk = Disk(data.draw(st.integers(0, 40)))
    setup = Setup(CHAIN_ID, fake_key(OWN), is_fake_signature_valid)
    state, effects = begin(setup, height_one(), NOW_MS, may_sign=True, transactions_wait=True)
    disk.run(state, effects, before)
    disk.writes_left = 10_000
    state, effects = recover(
        setup, height_one(), disk.records, NOW_MS, may_sign=True, last_signed=disk.last
    )
    disk.run(state, effects, after)
    assert not disk.refused, "what was journaled is signed again as it was"


class Disk:
    """Journal and sign-state, and a power cut after some writes."""

    def __init__(self, writes: int) -> None:
        self.writes_left = writes
        self.records: list = []
        self.last: tuple[int, int, int] | None = None
        self.signed: dict[tuple[int, int, int], object] = {}
        self.refused = False

    def _write(self) -> bool:
        self.writes_left -= 1
        return self.writes_left >= 0

    def run(self, state, effects, events) -> None:
        """Carry out effects until the events or the writes are used up."""
        queue = list(events)
        while True:
            answer = None
            for effect in effects:
                if isinstance(effect, ev.Journal):
                    if not self._write():
                        return
                    self.records += [BlockRecord(block, ()) for block in effect.blocks]
                    self.records += effect.records
                if isinstance(effect, ev.Sign):
                    if not self._write():
                        return
                    answer = self._sign(effect.message)
            if answer is None:
                if not queue:
                    return
                answer = queue.pop(0)
            state, effects = step(state, answer, NOW_MS)

    def _sign(self, message):
        kinds = {Proposal: 1, FirstVote: 2, SecondVote: 3}
        where = (message.height, message.round, kinds[type(message)])
        assert self.last is None or where >= self.last, "never backwards"
        if self.signed.setdefault(where, message) != message:
            self.refused = True
        self.last = where
        return ev.Signed(sign_as(OWN, message))


BITMAPS = st.binary(max_size=16)


@given(
    st.builds(
        Pull,
        st.integers(0, 2**63 - 1),
        st.integers(0, 2**31 - 1),
        st.lists(st.builds(RoundHeld, ROUNDS, st.booleans(), BITMAPS, BITMAPS), max_size=4).map(
            tuple
        ),
        st.none(),
        st.just(()),
    )
)
def test_any_pull_is_answered_without_harm(pull):
    core = Core()
    core.lock_on(0)
    assert decode_message(encode_message(pull)) == pull
    before = core.state
    core.receive(pull)
    assert core.state == before
