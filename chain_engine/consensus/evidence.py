"""Proof that a delegate signed two different things where it may sign one."""

from chain_engine.blocks.block import block_id
from chain_engine.blocks.certificate import second_vote_hash
from chain_engine.codec.canonical import Struct
from chain_engine.consensus.messages import (
    Proposal,
    SecondVote,
    Signable,
    SignedStep,
    first_vote_hash,
    proposal_hash,
    step_of,
)


class Statement(Struct, frozen=True):
    """The signed part of a proposal or vote."""

    step: int
    """1 proposal, 2 first vote, 3 second vote."""

    height: int
    """Height."""

    round: int
    """Round."""

    block_id: bytes
    """The block, empty for nil."""

    valid_round: int | None
    """Valid round of a proposal or first vote; none otherwise."""

    signature: bytes
    """By the accused."""


class Evidence(Struct, frozen=True):
    """Two statements of one delegate that cannot both be honest."""

    version: int
    """Format: 1."""

    key: bytes
    """Tagged key of the accused."""

    first: Statement
    """One statement."""

    second: Statement
    """Another one for the same height, round and step."""


def state_message(message: Signable) -> Statement:
    """The signed part of a message."""
    identity = block_id(message.block.header) if isinstance(message, Proposal) else message.block_id
    return Statement(
        step=step_of(message),
        height=message.height,
        round=message.round,
        block_id=identity,
        valid_round=None if isinstance(message, SecondVote) else message.valid_round,
        signature=message.signature,
    )


def statement_hash(statement: Statement, chain_id: bytes) -> bytes:
    """The 32 bytes that the statement's signature covers."""
    height, round_, choice = statement.height, statement.round, statement.block_id
    match SignedStep(statement.step):
        case SignedStep.PROPOSAL:
            return proposal_hash(chain_id, height, round_, choice, statement.valid_round)
        case SignedStep.FIRST_VOTE:
            return first_vote_hash(chain_id, height, round_, choice, statement.valid_round)
        case SignedStep.SECOND_VOTE:
            return second_vote_hash(chain_id, height, round_, choice)
