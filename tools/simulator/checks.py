"""What must hold in every run. Looks at every signature ever made, sent or not."""

from collections import defaultdict

from chain_engine.blocks.certificate import Certificate, indexes_of, second_vote_hash
from chain_engine.blocks.delegates import DelegateSet, has_quorum
from chain_engine.consensus.evidence import Evidence
from chain_engine.consensus.messages import NIL, SecondVote, Signable, signed_hash, step_of
from tools.simulator.scheme import CHAIN_ID, is_fake_signature_valid


class Violation(Exception):
    """A run broke a promise."""


class Checks:
    """Checks of one run."""

    def __init__(self, delegates: DelegateSet, traitor: int | None) -> None:
        """Begin a run."""
        self._delegates = delegates
        self._total = delegates.total_weight
        self._traitor = traitor
        self._signed: dict[tuple[int, int, int, int], bytes] = {}
        self._voters: defaultdict[tuple[int, int, bytes], set[int]] = defaultdict(set)
        self._certified: dict[int, bytes] = {}
        self._committed: dict[int, bytes] = {}

    def see_signature(self, node: int, message: Signable) -> None:
        """A delegate signed something: an honest one signs one thing per step, for ever."""
        if node != self._traitor:
            where = (node, message.height, message.round, int(step_of(message)))
            digest = signed_hash(message, CHAIN_ID)
            if self._signed.setdefault(where, digest) != digest:
                raise Violation(f"double signing by node {node} at {where[1:]}")
        if isinstance(message, SecondVote) and message.block_id != NIL:
            self._see_second_vote(message)

    def _see_second_vote(self, vote: SecondVote) -> None:
        """Agreement, whoever gathers the votes: no two blocks of a height can be certified."""
        voters = self._voters[vote.height, vote.round, vote.block_id]
        voters.add(vote.signer)
        if not has_quorum(self._delegates.weight_of(voters), self._total):
            return
        if self._certified.setdefault(vote.height, vote.block_id) != vote.block_id:
            raise Violation(f"two certified blocks at height {vote.height}")

    def see_commit(self, node: int, certificate: Certificate) -> bool:
        """A node commits: a true quorum, the same block as everybody. Whether it is the first."""
        self.verify_certificate(certificate)
        height, identity = certificate.height, certificate.block_id
        is_first = height not in self._committed
        if self._committed.setdefault(height, identity) != identity:
            raise Violation(f"node {node} commits another block at height {height}")
        return is_first

    def verify_certificate(self, certificate: Certificate) -> None:
        """Distinct signers, a quorum of the weight, every signature right."""
        indexes = indexes_of(certificate.signers)
        if not has_quorum(self._delegates.weight_of(indexes), self._total):
            raise Violation(f"certificate without quorum at height {certificate.height}")
        digest = second_vote_hash(
            CHAIN_ID, certificate.height, certificate.round, certificate.block_id
        )
        for index, signature in zip(indexes, certificate.signatures, strict=True):
            if not is_fake_signature_valid(self._delegates.members[index].key, digest, signature):
                raise Violation(f"bad signature in a certificate of height {certificate.height}")

    def see_evidence(self, evidence: Evidence) -> None:
        """Evidence names the traitor only."""
        accused = self._delegates.find_index(evidence.key)
        if accused != self._traitor:
            raise Violation(f"evidence against the honest node {accused}")
