"""Submitting, simulating and reading transactions.

`POST transactions` is the hot path: msgspec decodes up to 1,000 transactions of one body at once,
the chain's pool takes the list, and no coroutine or model is made for a single transaction.
"""

import asyncio
from typing import Annotated, Any

import msgspec
from aiohttp import web

from chain_engine.crypto.accounts import encode_address
from chain_engine.http import models, views
from chain_engine.http.bodies import JSON, MSGPACK, read_body, verify_media_type
from chain_engine.http.buckets import TokenBuckets, address_key
from chain_engine.http.chains import ChainService, SubmitResult
from chain_engine.http.errors import MalformedRequest, RateLimited, UnsupportedMediaType
from chain_engine.http.immutable import immutable_response
from chain_engine.http.middleware import REQUEST_ID
from chain_engine.http.parameters import account_of, hash_of, parse_hex
from chain_engine.http.problem import problem_of, problem_response
from chain_engine.http.resources.mount import Mount
from chain_engine.http.routes import Call, Route
from chain_engine.http.settings import HttpSettings
from chain_engine.primitives.errors import LimitExceeded, NotFound
from chain_engine.primitives.limits import TRANSACTION_BYTES_MAX

Count = msgspec.Meta(min_length=1)


class _HexBatch(msgspec.Struct, forbid_unknown_fields=True):
    transactions: Annotated[list[str], Count]


_msgpack_batch = msgspec.msgpack.Decoder(Annotated[list[bytes], Count])
_json_batch = msgspec.json.Decoder(_HexBatch)


def transaction_routes(at: Mount, settings: HttpSettings, buckets: TokenBuckets) -> list[Route]:
    """Resources about transactions."""
    door = Door(settings, buckets)
    return [
        at.post("/transactions", "submitTransactions", door.submit, query=models.SubmitQuery,
                raw_bodies=(MSGPACK, JSON), response=models.SubmitAnswer,
                errors=(MalformedRequest, LimitExceeded, UnsupportedMediaType, RateLimited),
                tags=("transactions",)),
        at.post("/transactions/simulate", "simulateTransaction", simulate,
                body=models.SimulateBody, response=models.SimulateAnswer,
                errors=(MalformedRequest,), tags=("transactions",)),
        at.get("/transactions/{id}", "getTransaction", get_transaction,
               response=models.TransactionView, errors=(NotFound,), tags=("transactions",)),
        at.get("/transactions/{id}/wait", "waitForTransaction", door.wait,
               query=models.WaitQuery, response=models.SubmitItem, tags=("transactions",)),
        at.get("/accounts/{address}", "getAccount", get_account,
               response=models.AccountView, tags=("accounts",)),
        at.get("/accounts/{address}/transactions", "listAccountTransactions",
               list_account_transactions, query=models.BeforeQuery,
               response=models.TransactionList, tags=("accounts",)),
    ]  # fmt: skip


class Door:
    """Where transactions come in."""

    def __init__(self, settings: HttpSettings, buckets: TokenBuckets) -> None:
        """A batch costs tokens by its size."""
        self._settings = settings
        self._buckets = buckets

    async def submit(self, chain: ChainService, call: Call) -> web.Response:
        """Offer up to 1,000 signed transactions; answered one by one.

        A body of one transaction that is refused gets the problem itself, with its status.
        """
        media_type = verify_media_type(call.request, (MSGPACK, JSON))
        body = await read_body(call.request, self._settings.submit_bytes_max)
        raws = decode_batch(body, media_type)
        count, limit = len(raws), self._settings.submit_transactions_max
        if count > limit:
            raise LimitExceeded(transactions=count, limit=limit)
        extra = count // self._settings.transactions_per_token
        if extra:
            self._buckets.take(address_key(call.request.remote), extra)
        results = await chain.submit(raws)
        query: models.SubmitQuery = call.query
        if query.wait is None:
            items = [_item(result) for result in results]
        else:
            longest = self._settings.wait_ms_max
            items = await _wait(chain, results, min(query.timeout_ms or longest, longest))
        if len(results) == 1 and results[0].error is not None:
            return problem_response(results[0].error, call.request[REQUEST_ID], data=items)
        return web.Response(
            body=msgspec.json.encode({"data": items}), content_type="application/json"
        )

    async def wait(self, chain: ChainService, call: Call) -> web.Response:
        """Wait until a transaction is committed; it stays `accepted` if it is not in time."""
        query: models.WaitQuery = call.query
        longest = self._settings.wait_ms_max
        result = SubmitResult(id=hash_of(call, "id"), error=None)
        (item,) = await _wait(chain, [result], min(query.timeout_ms or longest, longest))
        return web.Response(body=msgspec.json.encode(item), content_type="application/json")


def decode_batch(body: bytes, media_type: str) -> list[bytes]:
    """The raw transactions of a body.

    Raises:
        MalformedRequest: not an array of bin, or not `{"transactions": [hex, ...]}`.
    """
    try:
        if media_type == MSGPACK:
            raws: list[bytes] = _msgpack_batch.decode(body)
            return raws
        return [bytes.fromhex(text) for text in _json_batch.decode(body).transactions]
    except (msgspec.DecodeError, ValueError, RecursionError) as e:
        raise MalformedRequest(reason=str(e)[:200]) from None


def _item(result: SubmitResult) -> dict[str, Any]:
    return {
        "id": None if result.id is None else result.id.hex(),
        "status": "accepted" if result.error is None else "refused",
        "error": None if result.error is None else problem_of(result.error),
        "height": None,
        "index": None,
        "receipt": None,
    }


async def _wait(
    chain: ChainService, results: list[SubmitResult], timeout_ms: int
) -> list[dict[str, Any]]:
    """The items after the commit; those that are not committed in time stay `accepted`.

    One wait after another: transactions of a batch are committed together, and all waits share
    one deadline.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout_ms / 1000
    items = []
    for result in results:
        item = _item(result)
        if result.error is None and result.id is not None:
            left_ms = max(0, int((end - loop.time()) * 1000))
            place = await chain.wait_committed(result.id, left_ms)
            if place is not None:
                receipt = views.receipt_view(place.receipt).model_dump()
                item |= {"status": "committed", "height": place.height, "index": place.index,
                         "receipt": receipt}  # fmt: skip
        items.append(item)
    return items


async def simulate(chain: ChainService, call: Call) -> models.SimulateAnswer:
    """The receipt that a signed transaction would get on top of the committed state."""
    body: models.SimulateBody = call.body
    raw = parse_hex("transaction", body.transaction, TRANSACTION_BYTES_MAX)
    height = chain.store.tip.height
    receipt = await chain.simulate(raw)
    return models.SimulateAnswer(height=height, receipt=views.receipt_view(receipt))


def _view(chain: ChainService, transaction_id: bytes) -> models.TransactionView:
    found = chain.store.find_transaction(transaction_id)
    if found is None:
        raise NotFound(transaction=transaction_id)
    raw, height, index = found
    place = chain.store.find_receipt(transaction_id)
    return views.transaction_view(raw, chain.chain_id, height=height, index=index, place=place)


async def get_transaction(chain: ChainService, call: Call) -> web.Response:
    """A committed transaction with its receipt."""
    view = _view(chain, hash_of(call, "id"))
    return immutable_response(call.request, view.witness_hash, lambda: view)


async def get_account(chain: ChainService, call: Call) -> models.AccountView:
    """Nonce and balances of an account in the committed state."""
    account = account_of(call)
    summary = chain.account(account)
    return models.AccountView(
        address=encode_address(account),
        account=account.hex(),
        height=chain.store.tip.height,
        nonce=summary.nonce,
        balances={asset: str(units) for asset, units in summary.balances.items()},
        details=dict(summary.details),
    )


async def list_account_transactions(chain: ChainService, call: Call) -> models.TransactionList:
    """Transactions that an account sent or consented to, newest first."""
    query: models.BeforeQuery = call.query
    rows = chain.store.account_transactions(account_of(call), query.before, query.limit + 1)
    chosen = rows[: query.limit]
    has_more = len(rows) > query.limit
    return models.TransactionList(
        data=[_view(chain, row.transaction_id) for row in chosen],
        has_more=has_more,
        next_cursor=str(chosen[-1].cursor) if has_more else None,
    )
