"""Ending with the parent process: no child outlives a devnet or a node, however it ends."""

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
"""Linux: the signal this process gets when its parent dies (prctl(2))."""

POLL_S = 0.5
"""Where the kernel cannot tell us: how often the parent is looked for, seconds."""


def end_with_parent(parent: int) -> None:
    """Kill this process as soon as process `parent` is no longer its parent.

    Whoever calls this may be killed at any instant without harm, so it is killed and not asked.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    # it may have died before we asked
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_S)
    os.kill(os.getpid(), signal.SIGKILL)
