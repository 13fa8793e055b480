"""Status, blocks, headers and delegates."""

from aiohttp import web

from chain_engine.blocks.block import CertifiedBlock, block_id
from chain_engine.blocks.delegates import delegates_hash
from chain_engine.codec.canonical import encode
from chain_engine.crypto.accounts import account_of_key, encode_address
from chain_engine.http import models, views
from chain_engine.http.chains import ChainService
from chain_engine.http.immutable import immutable_response
from chain_engine.http.parameters import HEIGHT_DIGITS_MAX, parse_hash, parse_number
from chain_engine.http.resources.mount import Mount
from chain_engine.http.routes import Call, Route
from chain_engine.primitives.errors import NotFound

LATEST = "latest"


def block_routes(at: Mount) -> list[Route]:
    """Resources about blocks."""
    missing = (NotFound,)
    return [
        at.get("/status", "getStatus", get_status, response=models.StatusView, tags=("chain",)),
        at.get("/blocks", "listBlocks", list_blocks, query=models.BeforeQuery,
               response=models.BlockList, tags=("blocks",)),
        at.get("/blocks/{block}", "getBlock", get_block, response=models.BlockView,
               errors=missing, tags=("blocks",)),
        at.get("/blocks/{block}/transactions", "listBlockTransactions", list_block_transactions,
               query=models.AfterQuery, response=models.TransactionList, errors=missing,
               tags=("blocks",)),
        at.get("/headers/{height}", "getHeader", get_header, response=models.HeaderBundleView,
               errors=missing, tags=("proofs",)),
        at.get("/delegates", "listDelegates", list_delegates, response=models.DelegateList,
               tags=("chain",)),
    ]  # fmt: skip


async def get_status(chain: ChainService, _call: Call) -> models.StatusView:
    """Where the chain stands and what it costs."""
    store = chain.store
    tip, parameters = store.tip, store.parameters
    fees = parameters.fees
    return models.StatusView(
        chain_id=chain.chain_id.hex(),
        name=chain.name,
        machine=parameters.machine,
        height=tip.height,
        block_id=store.tip_id.hex(),
        time=views.time_text(tip.time_ms),
        time_ms=tip.time_ms,
        state_root=tip.state_root.hex(),
        delegates=len(store.delegates.members),
        block_interval_ms=parameters.block_interval_ms,
        idle_interval_ms=parameters.idle_interval_ms,
        fees=models.FeesView(
            asset=fees.asset,
            byte_fee=str(fees.byte_fee),
            gas_price=str(fees.gas_price),
            relay_fee=str(fees.relay_fee),
        ),
        node=dict(chain.status()),
    )


async def list_blocks(chain: ChainService, call: Call) -> models.BlockList:
    """Blocks, newest first."""
    query: models.BeforeQuery = call.query
    tip_height = chain.store.tip.height
    end = tip_height + 1 if query.before is None else min(query.before, tip_height + 1)
    blocks = chain.store.block_summaries(end, query.limit)
    lowest = blocks[-1].header.height if blocks else 0
    return models.BlockList(
        data=[
            models.BlockSummaryView(
                header=views.header_view(block.header, block.block_id),
                transaction_count=block.transactions,
                body_bytes=block.body_bytes,
            )
            for block in blocks
        ],
        has_more=lowest > 0,
        next_cursor=str(lowest) if lowest > 0 else None,
    )


def _find_block(chain: ChainService, call: Call) -> CertifiedBlock:
    text = call.path("block")
    store = chain.store
    if text == LATEST:
        return store.get_block(store.tip.height)
    if len(text) <= HEIGHT_DIGITS_MAX:
        height = parse_number("block", text)
        if height > store.tip.height:
            raise NotFound(height=height, tip=store.tip.height)
        return store.get_block(height)
    identity = parse_hash("block", text)
    found = store.find_block_by_id(identity)
    if found is None:
        raise NotFound(block=identity)
    return found


async def get_block(chain: ChainService, call: Call) -> models.BlockView | web.Response:
    """One block by height, id or `latest`."""
    certified = _find_block(chain, call)
    if call.path("block") == LATEST:
        return views.block_view(certified)
    etag = block_id(certified.block.header).hex()
    return immutable_response(call.request, etag, lambda: views.block_view(certified))


async def list_block_transactions(chain: ChainService, call: Call) -> models.TransactionList:
    """Transactions of one block in execution order; `after` is a position."""
    query: models.AfterQuery = call.query
    block = _find_block(chain, call).block
    start = 0 if query.after is None else query.after + 1
    chosen = block.transactions[start : start + query.limit]
    height = block.header.height
    data = [
        views.transaction_view(raw, chain.chain_id, height=height, index=start + i, place=None)
        for i, raw in enumerate(chosen)
    ]
    end = start + len(data)
    has_more = end < len(block.transactions)
    return models.TransactionList(
        data=data, has_more=has_more, next_cursor=str(end - 1) if has_more else None
    )


async def get_header(chain: ChainService, call: Call) -> models.HeaderBundleView | web.Response:
    """Header, certificate and signing delegates of a height, or of `latest`, as bytes in hex."""
    store, text = chain.store, call.path("height")
    height = store.tip.height if text == LATEST else parse_number("height", text)
    header = store.find_header(height)
    if header is None:
        raise NotFound(height=height, tip=store.tip.height)
    delegates = store.find_delegates(header.delegates_hash)
    assert delegates is not None, "the set of every stored header is stored"
    identity = block_id(header)

    def build() -> models.HeaderBundleView:
        certificate = store.find_certificate(height)
        return models.HeaderBundleView(
            height=height,
            id=identity.hex(),
            header=encode(header).hex(),
            certificate=None if certificate is None else encode(certificate).hex(),
            delegates=encode(delegates).hex(),
            fields=views.header_view(header, identity),
        )

    if text == LATEST:
        return build()
    return immutable_response(call.request, identity.hex(), build)


async def list_delegates(chain: ChainService, _call: Call) -> models.DelegateList:
    """The delegates that sign the next block."""
    delegates = chain.store.delegates
    return models.DelegateList(
        height=chain.store.tip.height + 1,
        hash=delegates_hash(delegates).hex(),
        total_weight=str(delegates.total_weight),
        data=[
            models.DelegateView(
                key=member.key.hex(),
                address=encode_address(account_of_key(member.key)),
                weight=str(member.weight),
            )
            for member in delegates.members
        ],
    )
