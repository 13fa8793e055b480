"""The decisions that keep two blocks of one height from being committed.

Small on purpose: the simulator replaces them one by one to show that it notices.
Source: arXiv:1807.04938, algorithm 1, lines 22-33 and 36-46.
"""

from chain_engine.consensus.messages import Vote
from chain_engine.consensus.state import Quorum, Tally


def may_first_vote(lock: Quorum | None, identity: bytes, valid_round: int | None) -> bool:
    """Whether the lock allows a first vote for a valid block.

    Allowed without a lock, for the locked block itself, and for a block whose first-vote quorum
    in `valid_round` is as new as the lock (the caller holds that quorum).
    """
    if lock is None or lock.block_id == identity:
        return True
    return valid_round is not None and lock.round <= valid_round


def lock_after_nil_quorum(lock: Quorum | None) -> Quorum | None:
    """A quorum of first votes for nil changes nothing: the lock stays."""
    return lock


def is_repeated(tally: Tally, vote: Vote) -> bool:
    """Whether this very statement of this signer is held already."""
    valid_round = getattr(vote, "valid_round", None)
    return any(
        old.block_id == vote.block_id and getattr(old, "valid_round", None) == valid_round
        for old in tally.votes.get(vote.signer, ())
    )


def is_counted(tally: Tally, vote: Vote) -> bool:
    """Whether this signer already counts for this choice."""
    return any(old.block_id == vote.block_id for old in tally.votes.get(vote.signer, ()))
