"""Signed transfers for benchmarks: many accounts, so that no nonce window is the limit."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

from acc.devnet import Devnet
from chain_engine.blocks.build import build_transaction, sign_transaction
from chain_engine.crypto.accounts import account_of_key
from chain_engine.crypto.keys import SecretKey
from chain_engine.http.client import ChainClient
from chain_engine.ledger.kinds.account_transfer import TransferPayload

TRANSFER_FEE = 4_000
"""Units that pay for a transfer at the devnet's byte fee."""

FUNDING = 10_000_000
"""Units each sender gets: enough for all its fees."""

NONCE_WINDOW = 64
"""Transactions one account may have waiting."""


@dataclass(frozen=True, slots=True)
class Sender:
    """One benchmark account."""

    secret: bytes
    """Its secret key; benchmark money only."""

    account: bytes
    """20 bytes."""


def make_senders(count: int) -> list[Sender]:
    """The same accounts in every run."""
    secrets_ = [sha256(b"bench sender %d" % n).digest() for n in range(count)]
    return [Sender(s, account_of_key(SecretKey(s).public)) for s in secrets_]


async def fund(
    net: Devnet, client: ChainClient, chain_id: bytes, senders: Sequence[Sender]
) -> None:
    """Give every sender its first balance, out of the devnet's named accounts."""
    payers = [account for name, account in net.accounts.items() if name != "treasury"]
    nonces = dict.fromkeys((p.account for p in payers), 0)
    step = len(payers) * NONCE_WINDOW
    for start in range(0, len(senders), step):
        ids = []
        raws = []
        for place, sender in enumerate(senders[start : start + step]):
            payer = payers[place % len(payers)]
            raws.append(
                _transfer(chain_id, payer.key, nonces[payer.account], sender.account, FUNDING)
            )
            nonces[payer.account] += 1
        outcomes = await client.submit_many(raws)
        ids = [outcome.id for outcome in outcomes if outcome.error is None]
        assert len(ids) == len(raws), "funding is accepted"
        for identity in ids:
            assert identity is not None, "accepted transactions have an id"
            await client.wait_committed(identity, timeout_ms=30_000)


def _transfer(chain_id: bytes, key: SecretKey, nonce: int, recipient: bytes, amount: int) -> bytes:
    tx = build_transaction(
        chain_id=chain_id,
        kind="account.transfer",
        sender=account_of_key(key.public),
        nonce=nonce,
        valid_until_height=1_000_000,
        fee=TRANSFER_FEE,
        payload=TransferPayload("ACC", recipient, amount, ""),
    )
    return sign_transaction(tx, chain_id, [key]).raw


def _sign_share(job: tuple[bytes, list[bytes], int, int]) -> list[list[bytes]]:
    """Transfers of a share of the senders: one list per nonce."""
    chain_id, share, first_nonce, per_sender = job
    keys = [SecretKey(secret) for secret in share]
    recipients = [account_of_key(key.public) for key in keys]
    return [
        [
            _transfer(chain_id, key, nonce, recipients[(i + 1) % len(keys)], 1)
            for i, key in enumerate(keys)
        ]
        for nonce in range(first_nonce, first_nonce + per_sender)
    ]


def sign_transfers(
    chain_id: bytes, senders: Sequence[Sender], first_nonce: int, per_sender: int
) -> list[bytes]:
    """Signed transfers in an order in which every account's nonces ascend."""
    half = (len(senders) + 1) // 2
    shares = [[s.secret for s in senders[:half]], [s.secret for s in senders[half:]]]
    with ProcessPoolExecutor(len(shares)) as pool:
        parts = list(
            pool.map(_sign_share, [(chain_id, share, first_nonce, per_sender) for share in shares])
        )
    return [raw for layer in zip(*parts, strict=True) for part in layer for raw in part]
