"""A process that dies is a fault of this node, never a result of a block."""

import os
import signal

import pytest
from support.dapp_chain import ALICE, BOB, CAROL, dapp_chain

from sidechain_host.executor import Quarantined
from sidechain_host.faults import DAppFault
from sidechain_host.runner import RunnerSettings
from sidechain_host.sandbox.settings import SandboxLimits

SMALL = RunnerSettings(sandbox=SandboxLimits(heap_mib=48, extra_mib=256))
GAS = 20_000_000


@pytest.fixture
def chain():
    with dapp_chain(settings=SMALL) as chain:
        yield chain


def hog(chain, key, **more):
    return chain.sign_call(key, "fail", {"how": "memory"}, gas=GAS, fee=GAS, **more)


def test_a_killed_process_is_started_again_and_nothing_is_lost(chain):
    chain.call(ALICE, "note.add", {"text": "a", "size": "1"})
    process = chain.machine.runner.process
    os.kill(process.pid, signal.SIGKILL)
    receipt = chain.call(BOB, "note.add", {"text": "b", "size": "1"})
    assert chain.events(receipt)[0][1]["id"] == 12
    assert chain.machine.runner.process.pid != process.pid
    assert chain.machine.runner.starts == 2


def test_a_process_killed_between_execution_and_commit_is_harmless(chain):
    signed = chain.sign_call(ALICE, "note.add", {"text": "a", "size": "1"})
    context, chosen, changes = chain.select([signed])
    os.kill(chain.machine.runner.process.pid, signal.SIGKILL)
    chain._commit(context, chosen, changes)
    assert chain.events(chain.call(BOB, "note.add", {"text": "b", "size": "1"}))[0][1]["id"] == 12


def test_a_forger_leaves_out_and_quarantines_what_kills_the_process(chain):
    good = [
        chain.sign_call(key, "note.add", {"text": f"t{i}", "size": "1"})
        for i, key in enumerate((ALICE, CAROL))
    ]
    bad = hog(chain, BOB)
    assert chain.forge([good[0], bad, good[1]]) == good
    assert [chain.receipts[t.id].code for t in good] == ["", ""]
    with pytest.raises(Quarantined):
        chain.machine.check(bad, chain.view, chain.context())
    starts = chain.machine.runner.starts
    assert chain.forge([bad]) == []
    assert chain.machine.runner.starts == starts


def test_a_validator_does_not_judge_a_block_that_kills_its_process(chain):
    with pytest.raises(DAppFault):
        chain.wait(chain.machine.execute(chain.context(), [hog(chain, BOB)], chain.view))
    assert chain.call(ALICE, "note.add", {"text": "on", "size": "1"}).code == ""


def test_a_killed_reader_answers_the_next_question(chain):
    chain.query("notes")
    reader = chain.machine.reader._process.process
    assert reader.pid != chain.machine.runner.process if chain.machine.runner.process else True
    os.kill(reader.pid, signal.SIGKILL)
    with pytest.raises(Exception, match="died"):
        chain.query("notes")
    assert chain.query("notes")["data"] == []


def test_a_simulation_tells_code_and_values_and_keeps_nothing(chain):
    signed = chain.sign_call(ALICE, "fail", {"how": "refuse"})
    receipt, detail = chain.wait(chain.machine.simulate(signed, chain.view, chain.context()))
    assert (receipt.code, detail) == ("NOPE", {"limit": "3", "text": "no"})
    thrown = chain.sign_call(ALICE, "fail", {"how": "throw"})
    receipt, detail = chain.wait(chain.machine.simulate(thrown, chain.view, chain.context()))
    assert (receipt.code, detail) == ("CONTRACT_ERROR", {"message": "broken"})
    assert chain.call(ALICE, "count").code == ""
