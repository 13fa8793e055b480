"""Start, talk, watch and end: the life of a sandbox process."""

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from rig import lockdown_scripts

from sidechain_host.sandbox import frames
from sidechain_host.sandbox.connection import FrameConnection
from sidechain_host.sandbox.errors import (
    SandboxCrashed,
    SandboxProtocolError,
    SandboxScriptError,
    SandboxTimeout,
)
from sidechain_host.sandbox.settings import SandboxLimits
from sidechain_host.sandbox.supervisor import spawn

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_MS = 60_000

# A dispatcher that runs what LOAD brought, with the text of each CALL and the runtime, if any.
DISPATCHER = """(function () { "use strict"; const rt = this; let work;
  return function () {
    if (typeof this === "function") { work = this; return "loaded"; }
    return work(this, rt);
  }; })"""


async def start(work, *, locked=False, **options):
    scripts = [*(lockdown_scripts() if locked else []), DISPATCHER]
    sandbox = await spawn("runner", scripts=scripts, **options)
    assert await sandbox.load(f"(function (text, rt) {{ 'use strict'; {work} }})") == b"loaded"
    return sandbox


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_text_of_any_kind_comes_back():
    sandbox = await start("return text")
    try:
        for text in ("", "a", "é€😀", "\0\n", "x" * 3_000_000, "é" * 1_000_000):
            answer = await sandbox.call(text.encode(), deadline_ms=DEADLINE_MS)
            assert answer.decode() == text
        assert 0 < sandbox.memory_bytes() < 700 * 2**20
    finally:
        await sandbox.close()


async def test_the_runtime_asks_the_node_and_waits_for_the_answer():
    sandbox = await start(
        "let out = ''; for (let i = 0; i < 200; i++) out += rt.host(i, text + i); return out",
        locked=True,
    )
    asked = []

    def on_host(kind, text):
        asked.append((kind, text.decode()))
        return text.upper() + "é€😀".encode() if kind % 2 else text.upper()

    try:
        answer = await sandbox.call("key é".encode(), deadline_ms=DEADLINE_MS, on_host=on_host)
    finally:
        await sandbox.close()
    assert asked == [(i, f"key é{i}") for i in range(200)]
    assert answer.decode() == "".join(f"KEY é{i}{'é€😀' * (i % 2)}" for i in range(200))


@pytest.mark.parametrize("unit", ["x", "é", "€"])
async def test_long_answers_of_the_node_arrive_whole(unit):
    sandbox = await start("const r = rt.host(1, text); return r", locked=True)
    reply = (unit * (frames.HOST_TEXT_BYTES_MAX // len(unit.encode()))).encode()
    try:
        answer = await sandbox.call(b"q", deadline_ms=DEADLINE_MS, on_host=lambda _k, _t: reply)
    finally:
        await sandbox.close()
    assert answer == reply


async def test_long_questions_to_the_node_arrive_whole():
    sandbox = await start("return rt.host(1, text).length + ''", locked=True)
    text = "é" * 1_000_000
    try:
        answer = await sandbox.call(
            text.encode(), deadline_ms=DEADLINE_MS, on_host=lambda _k, body: body
        )
    finally:
        await sandbox.close()
    assert answer == b"1000000"


async def test_the_node_is_not_asked_in_ill_formed_text():
    work = r"try { return rt.host(1, '\ud800') } catch (e) { return e.message }"
    sandbox = await start(work, locked=True)
    try:
        answer = await sandbox.call(b"", deadline_ms=DEADLINE_MS, on_host=lambda _k, body: body)
    finally:
        await sandbox.close()
    assert answer == b"the host takes well-formed text"


async def test_what_the_hosts_callback_raises_comes_out_and_ends_the_process():
    sandbox = await start("return rt.host(1, text)", locked=True)

    def on_host(_kind, _text):
        raise KeyError("row")

    with pytest.raises(KeyError, match="row"):
        await sandbox.call(b"x", deadline_ms=DEADLINE_MS, on_host=on_host)
    assert sandbox.closed
    assert not is_alive(sandbox.pid)


async def test_a_question_nobody_expects_ends_the_process():
    sandbox = await start("return rt.host(1, text)", locked=True)
    with pytest.raises(SandboxProtocolError):
        await sandbox.call(b"x", deadline_ms=DEADLINE_MS)
    assert not is_alive(sandbox.pid)


@pytest.mark.parametrize(
    "work",
    [
        "for (;;);",
        "for (;;) { try { for (;;); } catch {} finally { for (;;); } }",
        "'a'.repeat(1e5).replace(/(a+)+$/, ''); /(a+)+b$/.test('a'.repeat(1e5)); for (;;);",
        "Promise.resolve().then(function f() { return Promise.resolve().then(f); }); for (;;);",
        "while (true) 'x'.repeat(2 ** 28).indexOf('xxy');",
    ],
)
async def test_a_loop_without_end_is_killed_at_the_deadline(work):
    sandbox = await start(work)
    with pytest.raises(SandboxTimeout) as caught:
        await sandbox.call(b"", deadline_ms=300)
    assert caught.value.values["deadline_ms"] == 300
    assert not is_alive(sandbox.pid)
    assert sandbox.closed


@pytest.mark.parametrize(
    "work",
    [
        "const a = []; for (;;) a.push(new Array(10000).fill(1.5));",
        "const a = []; for (let i = 0; ; i++) a.push({ ['k' + i]: i });",
        "const a = []; for (let i = 0; ; i++) a.push(('y'.repeat(1e6) + i).split('z')[0]);",
    ],
)
async def test_a_process_that_eats_memory_dies_alone(work):
    sandbox = await start(work, limits=SandboxLimits(heap_mib=64, extra_mib=64))
    with pytest.raises(SandboxCrashed) as caught:
        await sandbox.call(b"", deadline_ms=DEADLINE_MS)
    assert caught.value.values["exit_status"] < 0
    assert not is_alive(sandbox.pid)


async def test_memory_outside_the_heap_is_limited_too():
    work = """const a = [];
      try { for (let i = 0; i < 100; i++) { a.push(new Uint8Array(1e8).fill(1)); } }
      catch (e) { return e.name + " " + (a.length < 10); } return "all of it";"""
    sandbox = await start(work, limits=SandboxLimits(heap_mib=64, extra_mib=192))
    try:
        answer = await sandbox.call(b"", deadline_ms=DEADLINE_MS)
    except SandboxCrashed:
        return
    finally:
        await sandbox.close()
    assert answer == b"RangeError true"


async def test_a_trusted_script_that_throws_is_named_and_ends_the_process():
    sandbox = await start("throw new Error('our bug')")
    with pytest.raises(SandboxScriptError, match="our bug"):
        await sandbox.call(b"", deadline_ms=DEADLINE_MS)
    assert not is_alive(sandbox.pid)


async def test_a_dispatcher_must_return_text():
    sandbox = await start("return { get length() { throw 1 } }")
    with pytest.raises(SandboxScriptError):
        await sandbox.call(b"", deadline_ms=DEADLINE_MS)


@pytest.mark.parametrize("source", ["(((", "5", "throw 1", "({})"])
async def test_what_is_loaded_must_be_a_function(source):
    sandbox = await spawn("runner", scripts=[DISPATCHER])
    with pytest.raises(SandboxScriptError):
        await sandbox.load(source)
    assert not is_alive(sandbox.pid)


@pytest.mark.parametrize("scripts", [[], ["5"], ["(((", "5"], ["(function () { return 5; })"]])
async def test_boot_must_end_in_a_dispatcher(scripts):
    with pytest.raises(SandboxScriptError):
        await spawn("runner", scripts=scripts)


async def test_after_sealing_nothing_trusted_is_taken_any_more():
    sandbox = await spawn("runner", scripts=[DISPATCHER])
    with pytest.raises(SandboxCrashed) as caught:
        await sandbox._ask(frames.BOOT, b"1", DEADLINE_MS)
    assert caught.value.values["exit_status"] == frames.EXIT_BAD_FRAME


async def test_a_cancelled_call_leaves_no_process():
    sandbox = await start("for (;;);")
    call = asyncio.create_task(sandbox.call(b"", deadline_ms=DEADLINE_MS))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not is_alive(sandbox.pid)


async def test_a_killed_process_is_told_as_such():
    sandbox = await start("for (;;);")
    call = asyncio.create_task(sandbox.call(b"", deadline_ms=DEADLINE_MS))
    await asyncio.sleep(0)
    os.kill(sandbox.pid, signal.SIGKILL)
    with pytest.raises(SandboxCrashed, match="killed from outside"):
        await call


async def test_closing_twice_is_harmless():
    sandbox = await start("return text")
    await sandbox.close()
    await sandbox.close()
    assert not is_alive(sandbox.pid)


async def test_the_child_dies_with_its_node_even_in_a_loop():
    script = f"""
import asyncio, sys
sys.path[:0] = [{str(ROOT)!r}, {str(Path(__file__).parent)!r}]
from test_child import start
async def main():
    sandbox = await start("for (;;);")
    print(sandbox.pid, flush=True)
    await sandbox.call(b"", deadline_ms=600_000)
asyncio.run(main())
"""
    command = [sys.executable, "-c", script]
    node = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: ASYNC220
    with node, node.stdout:
        child = os.pidfd_open(int(node.stdout.readline()))
        try:
            node.kill()
            ended, _, _ = select.select([child], [], [], 30)
        finally:
            os.close(child)
    assert ended


async def talk(data, *, requests=1):
    """What a connection makes of bytes from its other end, the answer to the last request."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(FrameConnection, sock=ours)
    sending = asyncio.create_task(loop.sock_sendall(theirs, data))
    try:
        for _ in range(requests):
            answer = await connection.request(frames.CALL, b"")
        return answer
    finally:
        await sending
        connection.close()
        theirs.close()


async def test_a_frame_in_pieces_is_put_together():
    body = b"x" * 300_000
    assert await talk(frames.encode_frame(frames.RESULT, body)) == (frames.RESULT, body)


@pytest.mark.parametrize(
    "data",
    [
        frames.HEADER.pack(frames.RESULT, frames.FRAME_BYTES_MAX + 1),
        frames.HEADER.pack(frames.RESULT, 2**32 - 1),
        frames.encode_frame(frames.HOST_REQUEST, b"\x01x"),
    ],
    ids=["too long", "far too long", "question"],
)
async def test_frames_that_break_the_protocol_are_refused(data):
    with pytest.raises(SandboxProtocolError):
        await talk(data)


async def test_an_answer_without_a_question_is_refused():
    with pytest.raises(SandboxProtocolError):
        await talk(frames.encode_frame(frames.RESULT, b"") * 2, requests=2)
