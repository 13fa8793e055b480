"""`acc tx`: make, sign and send transactions."""

import json
import time
from typing import Annotated, Any

import typer

from acc.amounts import format_amount, parse_amount
from acc.cli.access import Access
from acc.cli.group import SIGNS, Group
from acc.cli.options import ChainOption
from acc.cli.output import ExitCode, Output, end
from acc.transactions import Order, prepare_transaction
from chain_engine.blocks.bridge import CallBody
from chain_engine.codec.canonical import encode
from chain_engine.http.client import ChainClient, SubmitOutcome
from chain_engine.ledger.assets import MAIN_COIN
from chain_engine.ledger.kinds.account_transfer import ACCOUNT_TRANSFER, TransferPayload
from chain_engine.ledger.kinds.chain_send import CHAIN_SEND, SendPayload
from chain_engine.primitives.errors import ChainError
from sidechain_host.calls import DAPP_CALL, CallPayload, encode_arguments

group = Group("Make, sign and send transactions.")


class InvalidArguments(ChainError):
    """The arguments of a call are no JSON object."""

    code = "INVALID_ARGUMENTS"
    title = "The arguments are not a JSON object."
    fix = """Write them as '{"id": 1, "amount": "5000000"}'; amounts are texts in units."""


FromOption = Annotated[
    str, typer.Option("--from", metavar="KEY", help="Name of the key that signs and pays.")
]
ToOption = Annotated[str, typer.Option("--to", metavar="ADDRESS|KEY", help="Who receives it.")]
AmountOption = Annotated[str, typer.Option(help="Decimal amount, such as 12.5.")]
AssetOption = Annotated[str, typer.Option(help="Asset with six decimals.")]
MemoOption = Annotated[str, typer.Option(help="Free text, at most 256 bytes.")]
FeeOption = Annotated[
    int | None, typer.Option(min=0, help="Fee in units [default: the least demanded].")
]
GasOption = Annotated[
    int | None, typer.Option("--gas-limit", min=0, help="Gas [default: what the DApp suggests].")
]
ArgumentsOption = Annotated[str, typer.Option("--arguments", metavar="JSON", help="JSON object.")]
WaitOption = Annotated[bool, typer.Option("--wait", help="Wait until it is committed.")]
TimeoutOption = Annotated[
    int, typer.Option("--timeout-ms", min=1, max=600_000, help="Longest wait.")
]


@group.command(access=SIGNS)
async def transfer(
    output: Output,
    access: Access,
    *,
    sender: FromOption,
    to: ToOption,
    amount: AmountOption,
    asset: AssetOption = MAIN_COIN,
    memo: MemoOption = "",
    chain: ChainOption = None,
    fee: FeeOption = None,
    gas_limit: GasOption = None,
    wait: WaitOption = False,
    timeout_ms: TimeoutOption = 30_000,
) -> None:
    r"""Move an asset to another account, on the main chain or on a DApp's chain.

    \b
    Examples:
      acc tx transfer --from alice --to bob --amount 12.5 --wait
      acc tx transfer --chain ecc --from alice --to bob --amount 1 --asset ECC --json
    """
    units = parse_amount(amount)
    recipient = access.find_account(to)
    async with ChainClient(access.url, chain=chain) as client:
        if chain is None:
            payload = TransferPayload(asset=asset, recipient=recipient, amount=units, memo=memo)
            order = Order(ACCOUNT_TRANSFER.name, payload, fee=fee)
        else:
            arguments = {"to": access.address_of(to), "asset": asset, "amount": str(units)}
            arguments |= {"memo": memo} if memo else {}
            order = await _call_order(client, "transfer", arguments, fee, gas_limit)
        await _submit(output, access, client, sender, order, wait, timeout_ms)


@group.command(access=SIGNS)
async def send(
    output: Output,
    access: Access,
    *,
    sender: FromOption,
    destination: Annotated[
        str, typer.Option("--to-chain", metavar="NAME|ID", help="Chain that receives it.")
    ],
    to: ToOption,
    amount: AmountOption,
    method: Annotated[
        str | None, typer.Option("--call", metavar="METHOD", help="Method to run on arrival.")
    ] = None,
    arguments: ArgumentsOption = "{}",
    call_gas: Annotated[
        int, typer.Option("--call-gas", min=0, help="Gas of that method, paid by --relay-fee.")
    ] = 1_000_000,
    relay_fee: Annotated[str, typer.Option(help="ACC for relaying and running it.")] = "1",
    expires_in: Annotated[
        int, typer.Option("--expires-in-s", min=10, help="After so long it is refunded.")
    ] = 3_600,
    memo: MemoOption = "",
    fee: FeeOption = None,
    wait: WaitOption = False,
    timeout_ms: TimeoutOption = 30_000,
) -> None:
    r"""Send ACC from the main chain to a DApp's chain, perhaps with a call.

    \b
    Examples:
      acc tx send --from alice --to-chain ecc --to alice --amount 100 --wait
      acc tx send --from alice --to-chain ecc --to alice --amount 100 \
        --call escrow.open --arguments "$(cat escrow.json)"
    """
    body = b""
    if method is not None:
        text = encode_arguments(_parse_object(arguments))
        body = encode(CallBody(method=method, arguments=text, gas_limit=call_gas))
    async with ChainClient(access.url) as client:
        payload = SendPayload(
            destination=await _find_chain(access, destination),
            kind="TRANSFER" if method is None else "CALL",
            asset=MAIN_COIN,
            amount=parse_amount(amount),
            recipient=access.find_account(to),
            expires_at_ms=(int(time.time()) + expires_in) * 1000,
            fee=parse_amount(relay_fee),
            memo=memo,
            body=body,
        )
        order = Order(CHAIN_SEND.name, payload, fee=fee)
        await _submit(output, access, client, sender, order, wait, timeout_ms)


@group.command(access=SIGNS)
async def call(
    output: Output,
    access: Access,
    method: Annotated[str, typer.Argument(help="Method of the DApp, such as escrow.deliver.")],
    *,
    chain: Annotated[str, typer.Option("--chain", metavar="NAME|ID", help="The DApp's chain.")],
    sender: FromOption,
    arguments: ArgumentsOption = "{}",
    fee: FeeOption = None,
    gas_limit: GasOption = None,
    wait: WaitOption = False,
    timeout_ms: TimeoutOption = 30_000,
) -> None:
    r"""Call a method of a DApp.

    \b
    Examples:
      acc tx call escrow.confirm --chain ecc --from alice --wait \
        --arguments '{"id": 1, "no": 0, "amount": "50000000"}'
    """
    async with ChainClient(access.url, chain=chain) as client:
        order = await _call_order(client, method, _parse_object(arguments), fee, gas_limit)
        await _submit(output, access, client, sender, order, wait, timeout_ms)


def _parse_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidArguments(reason=str(error)) from None
    if not isinstance(value, dict):
        raise InvalidArguments(reason="not an object")
    return value


async def _call_order(
    client: ChainClient, method: str, arguments: dict[str, Any], fee: int | None, gas: int | None
) -> Order:
    if gas is None:
        described = await client.describe_dapp()
        hints = {entry["name"]: entry["gas"] for entry in described["description"]["methods"]}
        # an unknown method is refused by the node, which says so better
        gas = hints.get(method, 0)
    payload = CallPayload(method=method, arguments=encode_arguments(arguments))
    return Order(DAPP_CALL, payload, gas_limit=gas, fee=fee)


async def _find_chain(access: Access, name: str) -> bytes:
    async with ChainClient(access.url, chain=name) as client:
        return bytes.fromhex((await client.status())["chain_id"])


async def _submit(
    output: Output,
    access: Access,
    client: ChainClient,
    sender: str,
    order: Order,
    wait: bool,  # noqa: FBT001
    timeout_ms: int,
) -> None:
    key = access.open_key(sender)
    signed = await prepare_transaction(client, key, order)
    transaction_id = (await client.submit(signed.raw)).hex()
    said = {"ok": True, "id": transaction_id, "kind": order.kind, "fee": str(signed.tx.fee)}
    if not wait:
        output.result(said | {"status": "accepted"}, f"{transaction_id}\naccepted, not committed")
        return
    outcome = await client.wait_committed(signed.id, timeout_ms=timeout_ms)
    _tell(output, said, outcome)


def _tell(output: Output, said: dict[str, Any], outcome: SubmitOutcome) -> None:
    receipt = outcome.receipt or {}
    code = receipt.get("code", "")
    fee = format_amount(int(receipt.get("fee", said["fee"])))
    lines = [str(said["id"]), f"committed at height {outcome.height}, fee {fee}"]
    lines += [
        f"  {event['name']} {json.dumps(event['data'])}" for event in receipt.get("events", [])
    ]
    if code:
        lines.append(f"refused at execution: {code}")
    more = {"ok": not code, "status": "committed", "height": outcome.height, "receipt": receipt}
    output.result(said | more, "\n".join(lines))
    if code:
        end(ExitCode.REFUSED)
