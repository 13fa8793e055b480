"""Entry point of a sandbox process.

Started by the supervisor as `python -I -S -B main.py --role runner --fd N ...`: no site packages,
no user settings, no byte code written. It loads V8, confines itself, says READY and then serves
frames until the node goes away. It never looks into what it carries.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

if __name__ == "__main__":
    # -I and -S leave nothing but the standard library on the path.
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from sidechain_host.sandbox import frames
from sidechain_host.sandbox.child import driver, harden, host, kernel, selfcheck
from sidechain_host.sandbox.child.channel import Channel, exit_now
from sidechain_host.sandbox.child.driver import Engine, Isolate, ScriptError

BUFFER_NAME: Final = "$sandboxBuffer"
"""Global of the shared buffer until lockdown.js takes and deletes it."""

HOST_NAME: Final = "$sandboxHost"
"""Global of the native function until lockdown.js takes and deletes it."""

_BEFORE_SEAL: Final = (frames.BOOT, frames.SEAL)
_AFTER_SEAL: Final = (frames.CALL, frames.LOAD)


@dataclass
class Child:
    """Everything a serving process holds."""

    channel: Channel
    """Frames from and to the node."""

    isolate: Isolate
    """The one isolate."""

    value: Any
    """Handle of the last boot script's value; after SEAL it is the dispatcher."""

    sealed: bool = False
    """Whether boot is over."""


def serve(child: Child) -> None:
    """Answer frames until the node closes its end."""
    while (frame := child.channel.receive()) is not None:
        try:
            opcode, body = _answer(child, *frame)
        except ScriptError as error:
            opcode, body = frames.SCRIPT_ERROR, str(error).encode("utf-8", "replace")
        child.channel.send(opcode, body)


def _answer(child: Child, opcode: int, body: bytes) -> tuple[int, bytes]:
    if opcode not in (_AFTER_SEAL if child.sealed else _BEFORE_SEAL):
        exit_now(frames.EXIT_BAD_FRAME, f"opcode {opcode} is out of place")
    if opcode == frames.CALL:
        return frames.RESULT, child.isolate.call_text(child.value, body)
    if opcode == frames.LOAD:
        return frames.RESULT, _load(child, body)
    if opcode == frames.BOOT:
        _boot(child, body)
    else:
        _seal(child)
    return frames.OK, b""


def _seal(child: Child) -> None:
    if child.value.contents.type != driver.FUNCTION:
        raise ScriptError("the last boot script did not give a dispatcher")
    child.sealed = True


def _boot(child: Child, source: bytes) -> None:
    """Chain the boot scripts: a function is called with the value before it as `this`."""
    value = child.isolate.evaluate(source)
    if value.contents.type == driver.FUNCTION:
        result = child.isolate.call(value, child.value)
        child.isolate.free(value)
        value = result
    if child.value is not child.isolate.undefined:
        child.isolate.free(child.value)
    child.value = value


def _load(child: Child, source: bytes) -> bytes:
    """Evaluate a function and show it to the dispatcher."""
    function = child.isolate.evaluate(source)
    try:
        if function.contents.type != driver.FUNCTION:
            raise ScriptError("the loaded script is not a function")
        return child.isolate.take_text(child.isolate.call(child.value, function))
    finally:
        child.isolate.free(function)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A sandbox process; started by the node.")
    parser.add_argument("--role", choices=("runner", "compiler"), required=True)
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--engine", type=Path, required=True)
    parser.add_argument("--flags", required=True)
    parser.add_argument("--data-extra-bytes", type=int, required=True)
    parser.add_argument("--cpu-seconds", type=int, default=0)
    parser.add_argument("--unsafe-dev", action="store_true")
    return parser.parse_args(arguments)


def run(
    arguments: Sequence[str],
    *,
    features: kernel.KernelFeatures,
    then: Callable[[Child], None] = serve,
) -> None:
    """Start V8, harden, report, then do `then`; ends the process."""
    options = _parse(arguments)
    channel = Channel(options.fd)
    try:
        plan = harden.plan_hardening(features, unsafe_dev=options.unsafe_dev)
    except harden.HardeningUnavailable as missing:
        channel.send(frames.REFUSED, str(missing).encode())
        exit_now(frames.EXIT_REFUSED, str(missing))
    driver.set_thread_stack(driver.THREAD_STACK_BYTES)
    hardening = harden.Hardening(plan)
    engine = Engine(options.engine, tuple(options.flags.split()))
    hardening.before_isolate(options.parent)
    isolate = Isolate(engine)
    try:
        selfcheck.run_self_check(isolate)
    except ScriptError as error:
        exit_now(frames.EXIT_SELF_CHECK, f"V8 {engine.version}: {error}")
    if options.role == "runner":
        memory = isolate.share_buffer(BUFFER_NAME, host.BUFFER_BYTES)
        isolate.define_host(HOST_NAME, host.HostLink(channel, memory).ask)
    report = hardening.after_isolate(
        data_extra_bytes=options.data_extra_bytes, cpu_seconds=options.cpu_seconds
    )
    ready = {"v8": engine.version, "caged": engine.caged, "hardening": report.as_dict()}
    channel.send(frames.READY, json.dumps(ready).encode())
    then(Child(channel, isolate, isolate.undefined))
    # Not sys.exit: V8's thread would be torn down in an order nobody promises.
    os._exit(0)


if __name__ == "__main__":
    run(sys.argv[1:], features=kernel.read_features())
