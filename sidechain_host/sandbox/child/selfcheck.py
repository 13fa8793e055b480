"""Asserts that V8 behaves as its flags promise.

V8 prints a line about a flag it does not know and goes on; so what counts is the effect.
"""

from typing import Final

from sidechain_host.sandbox.child.driver import Isolate, ScriptError

_CHECKS: Final = {
    "--disallow-code-generation-from-strings": """
        try { (0, eval)("1"); "eval works" } catch (e) {
          try { Function("return 1"); "Function works" } catch (e) { "" } }""",
    "--jitless": 'typeof WebAssembly === "undefined" ? "" : "WebAssembly is there"',
    "--stack-trace-limit=0": """
        try { null.x; "no error" } catch (e) {
          typeof e.stack === "string" && e.stack.includes("\\n") ? "traces are there" : "" }""",
    "--stack-size": """
        (function () {
          let depth = 0; const down = () => { depth++; if (depth < 20000) down(); };
          try { down(); return ""; } catch { return "only " + depth + " frames"; } })()""",
    "numbers": """
        [0.1 + 0.2, 1 / 3, 1e21, -0, 123456789012345680000].join() ===
          "0.30000000000000004,0.3333333333333333,1e+21,0," + "123456789012345680000"
          ? "" : "differ" """,
    "sort": '[3, 1, 10, 2].sort().join() === "1,10,2,3" ? "" : "differs"',
    "error texts": """
        try { null.x; "no error" } catch (e) {
          e.message === "Cannot read properties of null (reading 'x')" ? "" : e.message }""",
    "time zone": 'new Date(0).getTimezoneOffset() === 0 ? "" : "not UTC"',
}
"""Script by what it checks; each gives an empty string, or what is wrong."""


def run_self_check(isolate: Isolate) -> None:
    """Raises ScriptError naming the first promise that does not hold."""
    for what, script in _CHECKS.items():
        wrong = isolate.take_text(isolate.evaluate(script))
        if wrong:
            raise ScriptError(f"{what}: {wrong.decode()}")
