"""What can go wrong with a sandbox process, seen from the node.

None of these is ever a consensus result: they are faults of this machine, or of a process that a
DApp made useless. What a contract does wrong is in the result its run returns, and what is wrong
with its source is `ContractRefused`.
"""

from chain_engine.ledger.machine import MachineFault


class SandboxError(MachineFault):
    """Base of the faults below."""

    status = 503
    retryable = True


class SandboxUnavailable(SandboxError):
    """This machine cannot confine untrusted code, so nothing was started. Values: reason."""

    code = "SANDBOX_UNAVAILABLE"
    title = "This machine cannot run DApps safely."
    fix = (
        "Use Linux on x86_64 or aarch64 with seccomp, and in a container a profile that allows "
        "seccomp(2); `acc doctor` shows what is missing."
    )
    retryable = False


class SandboxTimeout(SandboxError):
    """A call passed its deadline; the process was killed. Values: deadline_ms."""

    code = "SANDBOX_TIMEOUT"
    title = "The sandbox did not answer in time and was killed."
    fix = "The node starts it again from the last committed block; if it recurs, report the DApp."


class SandboxCrashed(SandboxError):
    """The process died by itself or was killed from outside. Values: reason, output."""

    code = "SANDBOX_CRASHED"
    title = "The sandbox process died."
    fix = "The node starts it again from the last committed block; if it recurs, report the DApp."


class SandboxScriptError(SandboxError):
    """Our own trusted script threw; the process was killed. Values: message."""

    code = "SANDBOX_SCRIPT_ERROR"
    title = "A trusted script of the sandbox failed."
    fix = "This is a bug of the host, please report it with the message."


class SandboxProtocolError(SandboxError):
    """A frame was too long or out of place; the process was killed. Values: what."""

    code = "SANDBOX_PROTOCOL_ERROR"
    title = "The sandbox broke the frame protocol and was killed."
    fix = "The node starts it again from the last committed block; if it recurs, report the DApp."
