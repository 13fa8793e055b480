"""One delegate's core under test, the other three played by hand, with cheap signatures."""

from collections.abc import Iterable

import msgspec

from chain_engine.blocks.block import block_id
from chain_engine.consensus import events as ev
from chain_engine.consensus.abft import begin, step
from chain_engine.consensus.height import Height, Setup, forger_of, read_height
from chain_engine.consensus.messages import (
    FirstVote,
    Proposal,
    ProposedBlock,
    SecondVote,
    Signable,
    signed_hash,
)
from chain_engine.consensus.records import SigningRecord
from chain_engine.consensus.turn import UNSIGNED
from tools.simulator.scheme import (
    CHAIN_ID,
    GENESIS,
    PARAMETERS,
    START_MS,
    fake_key,
    fake_sign,
    is_fake_signature_valid,
    make_block,
    make_delegates,
)

NOW_MS = START_MS + PARAMETERS.block_interval_ms


class GenesisChain:
    """A chain that holds its genesis block only."""

    def __init__(self, weights: Iterable[int] = (1, 1, 1, 1)) -> None:
        self.tip = GENESIS
        self.tip_certificate = None
        self.delegates = make_delegates(list(weights))
        self.parameters = PARAMETERS

    def find_header(self, height):
        return GENESIS if height == 0 else None


def height_one(weights: Iterable[int] = (1, 1, 1, 1)) -> Height:
    return read_height(GenesisChain(weights))


def sign_as(signer: int, message: Signable) -> Signable:
    signature = fake_sign(fake_key(signer), signed_hash(message, CHAIN_ID))
    return msgspec.structs.replace(message, signature=signature)


class Core:
    """Drives `step`, signs what it asks for, remembers every effect."""

    def __init__(self, own: int | None = None, *, height: Height | None = None, **options) -> None:
        self.height = height or height_one()
        self.now_ms = NOW_MS
        if own is None:  # by default somebody who forges neither round 0 nor round 1
            own = forger_of(self.height, 2)
        self.own = own
        self.effects: list[ev.Effect] = []
        self.new: list[ev.Effect] = []
        options = {"may_sign": True, "transactions_wait": True} | options
        key = None if own < 0 else fake_key(own)
        setup = Setup(CHAIN_ID, key, is_fake_signature_valid)
        self.state, effects = begin(setup, self.height, self.now_ms, **options)
        self._note(effects)

    def _note(self, effects: list[ev.Effect]) -> None:
        self.new = []
        while effects:
            self.effects += effects
            self.new += effects
            asked = [effect.message for effect in effects if isinstance(effect, ev.Sign)]
            effects = []
            if asked:
                event = ev.Signed(sign_as(self.own, asked[0]))
                self.state, effects = step(self.state, event, self.now_ms)

    def take(self, event: ev.ConsensusEvent) -> list[ev.Effect]:
        self.state, effects = step(self.state, event, self.now_ms)
        self._note(effects)
        return self.new

    def receive(self, message, peer="peer") -> list[ev.Effect]:
        return self.take(ev.Received(peer, message))

    def time_out(self, timer: ev.Timer, round_: int | None = None) -> list[ev.Effect]:
        at = self.state.round if round_ is None else round_
        return self.take(ev.TimedOut(timer, self.height.number, at))

    def block(self, round_: int, salt: int = 0, **changes) -> ProposedBlock:
        forger = fake_key(forger_of(self.height, changes.pop("forged_in", round_)))
        time_ms = changes.pop("time_ms", self.now_ms)
        made = make_block(self.height, round_, time_ms, forger, bytes([salt]) * 32)
        if not changes:
            return made
        header = msgspec.structs.replace(made.header, **changes)
        return msgspec.structs.replace(made, header=header)

    def proposal(self, round_: int, block: ProposedBlock, valid_round=None, signer=None):
        signer = forger_of(self.height, round_) if signer is None else signer
        message = Proposal(self.height.number, round_, valid_round, block, UNSIGNED)
        return sign_as(signer, message)

    def propose(self, round_: int, block: ProposedBlock, valid_round=None, verdict="valid"):
        """A peer's proposal, and its validation."""
        effects = list(self.receive(self.proposal(round_, block, valid_round)))
        identity = block_id(block.header)
        if any(isinstance(e, ev.Validate) and e.block_id == identity for e in effects):
            effects += self.take(ev.Validated(identity, ev.Verdict(verdict)))
        return identity

    def first(self, signer: int, round_: int, choice: bytes, valid_round=None) -> FirstVote:
        number = self.height.number
        return sign_as(signer, FirstVote(number, round_, choice, valid_round, signer, UNSIGNED))

    def second(self, signer: int, round_: int, choice: bytes) -> SecondVote:
        number = self.height.number
        return sign_as(signer, SecondVote(number, round_, choice, signer, UNSIGNED))

    @property
    def others(self) -> list[int]:
        return [i for i in range(len(self.height.delegates.members)) if i != self.own]

    def firsts(self, round_: int, choice: bytes, count: int = 2, valid_round=None) -> None:
        for signer in self.others[:count]:
            self.receive(self.first(signer, round_, choice, valid_round))

    def seconds(self, round_: int, choice: bytes, count: int = 2) -> None:
        for signer in self.others[:count]:
            self.receive(self.second(signer, round_, choice))

    def own_votes(self, kind: type, round_: int) -> list[bytes]:
        return [
            e.message.block_id
            for e in self.effects
            if isinstance(e, ev.Broadcast)
            and isinstance(e.message, kind)
            and e.message.round == round_
        ]

    def lock_on(self, round_: int = 0, salt: int = 0) -> bytes:
        """Propose in a round, gather a first-vote quorum, second-vote."""
        identity = self.propose(round_, self.block(round_, salt))
        self.firsts(round_, identity)
        assert self.own_votes(SecondVote, round_) == [identity]
        return identity

    def fail_round(self, round_: int) -> None:
        """Everybody else second-votes nil and the stragglers' wait ends."""
        self.seconds(round_, b"")
        self.time_out(ev.Timer.SECOND_VOTES)

    def of(self, kind: type) -> list:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    @property
    def ignored(self) -> list[str]:
        return [effect.reason for effect in self.of(ev.Ignored)]

    def signing_records(self) -> list[SigningRecord]:
        return [
            record
            for effect in self.of(ev.Journal)
            for record in effect.records
            if isinstance(record, SigningRecord)
        ]
