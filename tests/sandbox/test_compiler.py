"""Checking and instrumenting packages: errors a developer can act on, and reproducible output."""

import hashlib
import re

import pytest
from rig import open_package, outcome_of

from sidechain_host.sandbox import settings
from sidechain_host.sandbox.compiler import ContractRefused, SourceError, compile_package
from sidechain_host.sandbox.version import sandbox_version


async def refusals(files):
    with pytest.raises(ContractRefused) as caught:
        await compile_package(files)
    return caught.value.errors


async def test_all_errors_of_all_files_come_at_once_with_their_places():
    files = {
        "contract/index.js": "exports.a = /x/;\nexports.b = async () => 1;\n",
        "contract/other.js": "let x = 1;\nlet x = 2;\n",
        "contract/fine.js": "exports.c = 1;\n",
        "contract/third.js": "\n\n  for (const x of []) { eval(x); }\n",
    }
    errors = await refusals(files)
    assert [(e.file, e.line, e.column) for e in errors] == [
        ("contract/index.js", 1, 13),
        ("contract/index.js", 2, 13),
        ("contract/other.js", 2, 5),
        ("contract/third.js", 3, 25),
    ]
    assert all(e.reason and e.fix for e in errors)
    assert str(errors[0]).startswith("contract/index.js:1:13: regular expressions are not allowed")


async def test_the_refusal_carries_the_errors_as_values():
    with pytest.raises(ContractRefused) as caught:
        await compile_package({"a.js": "with (x) {}"})
    values = caught.value.values["errors"]
    assert [SourceError(**value) for value in values] == list(caught.value.errors)
    assert caught.value.code == "CONTRACT_REFUSED"


@pytest.mark.parametrize(
    "source",
    [
        "(" * 20_000 + ")" * 20_000,
        "[" * 3_000 + "]" * 3_000,
        "-".join(["x"] * 100) + "!" * 300 + "x",
        "".join("if (x) {" for _ in range(300)) + "}" * 300,
        "x" + ".a" * 3_000,
        "{" * 200_000,
        "x => " * 500 + "x",
        "`${" * 400 + "1" + "}`" * 400,
    ],
    ids=["parentheses", "arrays", "unary", "ifs", "members", "open blocks", "arrows", "templates"],
)
async def test_deep_source_is_refused_not_crashed_on(source):
    errors = await refusals({"a.js": f"let x;\n{source};"})
    assert len(errors) == 1


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("x" * 300_000, "the file is too long"),
        ("var " + ",".join(f"v{i}" for i in range(2_500)), "more than 2000 names in one file"),
        (
            "function f() { let " + ",".join(f"v{i}" for i in range(300)) + "; }",
            "more than 256 variables in one function",
        ),
        ("const x = 1" + "0" * 400 + "n", "the bigint literal is too large"),
    ],
    ids=["file", "names", "variables", "bigint"],
)
async def test_source_has_limits(source, reason):
    assert [e.reason for e in await refusals({"a.js": source})] == [reason]


async def test_a_package_has_limits():
    errors = await refusals({f"{i}.js": "x" * 250_000 for i in range(5)})
    assert errors[0].reason == "the package is too large"


async def test_a_line_of_the_factory_names_the_line_it_was_made_from():
    source = "const a = 1;\n\nexports.run = function () {\n  // why\n  return needle(a);\n};\n"
    package = await compile_package({"a.js": "exports.z = 1;\n", "b.js": source})
    lines = package.factory.split("\n")
    found = next(i for i, line in enumerate(lines) if "needle" in line)
    assert package.find_origin(found + 1) == ("b.js", 5)
    assert package.find_origin(1) is None


async def test_texts_and_numbers_survive_printing():
    source = r"""exports.run = () => ["\u2028\n\\\"'\ud800x", 1e400 > 0, 0x10, 1_000, 0b11, .5,
      `a\`\${b}\n${1}`, "</script>", 12345678901234567890n + "", {"a b": 1, 2: 3, "c": 4, d: 5}];"""
    async with open_package({"main": source}) as rig:
        answer = await rig.run("main")
    assert answer["value"][1:] == [
        True,
        16,
        1000,
        3,
        0.5,
        "a`${b}\n1",
        "</script>",
        "12345678901234567890",
        {"2": 3, "a b": 1, "c": 4, "d": 5},
    ]


async def test_modules_see_each_other_only_through_require():
    files = {
        "main": 'const { f } = require("lib/other"); exports.run = () => [f(1), typeof secret];',
        "lib/other": "const secret = 41; exports.f = (x) => x + secret;",
    }
    async with open_package(files) as rig:
        assert outcome_of(await rig.run("main")) == 'returns [42,"undefined"]'


async def test_a_file_may_name_its_variables_like_the_modules_parameters():
    files = {"main": "{ const exports = 1, module = 2; let require = 3; } exports.run = () => 4;"}
    async with open_package(files) as rig:
        assert outcome_of(await rig.run("main")) == "returns 4"


async def test_files_are_instantiated_only_when_required():
    files = {
        "main": "exports.run = () => 1;",
        "expensive": "for (;;) {}",
    }
    async with open_package(files) as rig:
        assert outcome_of(await rig.run("main")) == "returns 1"
        assert outcome_of(await rig.run("expensive")) == "dies of gas"


def test_vendored_files_are_the_ones_the_table_names():
    vendor = settings.HERE / "vendor"
    table = (vendor / "LICENSES.md").read_text()
    named = dict(re.findall(r"^\| `(\S+)` \|.*`([0-9a-f]{64})` \|$", table, re.MULTILINE))
    found = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in vendor.glob("*.js")}
    assert named == found


async def test_the_version_names_everything_a_result_can_depend_on():
    version = sandbox_version()
    scripts = version["scripts"]
    for name in ("js/table.js", "js/lockdown.js", "js/meter.js", "vendor/acorn.js"):
        assert len(scripts[name]) == 64
    assert "--jitless" in version["flags"]
    assert set(version["engine"]) == {"libmini_racer.so", "icudtl.dat"}
    assert len(version["digest"]) == 64
    package = await compile_package({"a.js": "exports.x = 1"})
    assert package.sandbox_digest == version["digest"]
