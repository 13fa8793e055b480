"""Half a surrogate pair, which a contract cuts by accident, must not cost the chain its process."""

import pytest
from support.dapp_chain import ALICE, dapp_chain, read_dapp

from sidechain_host.package import pack_files

GAS = 20_000_000

CASES = {
    "an error cut inside a pair": 'throw new Error("x".repeat(199) + "\\u{1F600}");',
    "an error": 'throw new Error("\\ud800");',
    "a table": 'ctx.db.get("\\ud800", 1);',
    "a field": 'ctx.db.put("stats", { ["\\ud800"]: 1 });',
    "an event": 'ctx.emit("Half", { text: "\\ud800" });',
    "a refusal": 'ctx.refuse("HALF", { text: "\\ud800" });',
    "a module": 'require("\\ud800");',
    "a memo": 'ctx.bridge.withdraw({ to: ctx.sender, asset: "ACC", amount: 1n, fee: 1000n, '
    'memo: "\\ud800" });',
}


@pytest.mark.parametrize("case", CASES)
def test_half_a_surrogate_pair_is_refused_and_charged(case):
    files = dict(read_dapp("bank").files)
    source = files["contract/index.js"].decode()
    assert "    calls++;" in source
    changed = source.replace("    calls++;", f"    calls++; {CASES[case]}")
    package = pack_files(files | {"contract/index.js": changed.encode()})
    with dapp_chain(package) as chain:
        signed = chain.sign_call(ALICE, "count", gas=GAS, fee=GAS)
        assert chain.forge([signed]) == [signed]
        assert chain.receipts[signed.id].code in {"CONTRACT_ERROR", "MODULE_DENIED"}
        assert chain.machine.runner.starts == 1
