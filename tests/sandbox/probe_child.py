"""A sandbox process that, once hardened, tries what it must not be able to do.

Started like the real child and hardened by the real code; only the serving loop is another one. A
CALL names the attempt; `isolate:` before it runs it on V8's thread, where hostile code would be.
"""

import ctypes
import errno
import os
import signal
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sidechain_host.sandbox import frames
from sidechain_host.sandbox.child import kernel, main

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p


def call(name, *arguments):
    ctypes.set_errno(0)
    result = getattr(LIBC, name)(*arguments)
    return "done" if result >= 0 else errno.errorcode[ctypes.get_errno()]


def map_executable():
    ctypes.set_errno(0)
    address = LIBC.mmap(None, 4096, 7, 0x22, -1, 0)
    return "done" if address != ctypes.c_void_p(-1).value else errno.errorcode[ctypes.get_errno()]


ATTEMPTS = {
    "open": lambda: call("open", b"/etc/passwd", 0),
    "open own memory": lambda: call("open", b"/proc/self/mem", 2),
    "create": lambda: call("open", b"/tmp/sandbox-was-here", 0o101, 0o600),
    "unlink": lambda: call("unlink", b"/tmp/nothing"),
    "stat": lambda: call("access", b"/etc/passwd", 0),
    "list": lambda: call("chdir", b"/"),
    "pipe": lambda: call("pipe", ctypes.create_string_buffer(8)),
    "memfd": lambda: call("memfd_create", b"x", 0),
    "setuid": lambda: call("setuid", 0),
    "prctl": lambda: call("prctl", 38, 1, 0, 0, 0),
    "ioctl": lambda: call("ioctl", 2, 0x5413, ctypes.create_string_buffer(64)),
    "dup": lambda: call("dup", 2),
    "raise limits": lambda: call("setrlimit", 2, ctypes.create_string_buffer(16)),
    "executable map": map_executable,
    "signal another": lambda: call("syscall", kernel.TGKILL["x86_64"], 1, 1, 0),
    "socket": lambda: socket.socket().fileno() and "done",
    "connect": lambda: call("connect", 0, ctypes.create_string_buffer(16), 16),
    "fork": lambda: os.fork() and "done",
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "kill the parent": lambda: os.kill(PARENT, signal.SIGTERM) or "done",
    "ptrace": lambda: call("ptrace", 16, PARENT, 0, 0),
    "bpf": lambda: call("syscall", 321, 0, 0, 0),
    "io_uring": lambda: call("syscall", 425, 1, ctypes.create_string_buffer(256)),
    "read the parent": lambda: call("process_vm_readv", PARENT, 0, 0, 0, 0, 0),
}
PARENT = os.getppid()


def serve(child):
    while (frame := child.channel.receive()) is not None:
        opcode, body = frame
        if opcode != frames.CALL:
            child.channel.send(frames.OK, b"")
            continue
        name = body.decode()
        answer = []
        attempt = ATTEMPTS[name.removeprefix("isolate:")]
        if name.startswith("isolate:"):
            child.isolate._on_host = lambda: answer.append(attempt())  # noqa: B023
            child.isolate.free(child.isolate.evaluate(f"{main.HOST_NAME}(), undefined"))
        else:
            answer.append(attempt())
        child.channel.send(frames.RESULT, answer[0].encode())


if __name__ == "__main__":
    weak = "--weak" in sys.argv
    features = kernel.read_features()
    if weak:
        features = kernel.KernelFeatures(features.machine, seccomp=False, landlock_abi=0)
    main.run([a for a in sys.argv[1:] if a != "--weak"], features=features, then=serve)
