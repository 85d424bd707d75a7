"""The house stays as it was laid out: layers, sizes, twins, and documents that keep their word."""

from __future__ import annotations

import ast
import tomllib
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from hookcli import __version__
from hookcli.cli import TARGETS, root

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "hookcli"
TESTS = ROOT / "tests"

LAYERS = (
    "hookcli errors delivery state",
    """text grammar payload signatures.request signatures.bodies signatures.encodings
    signatures.clocks signatures.schemes signatures.hmacs signatures.tokens
    signatures.asymmetric signatures.keys signatures.pairs signatures.urls signatures.canonical
    signatures.jwts signatures.fields signatures.sns signatures.providers signatures.events
    signatures.detection secret signatures signatures.variants signatures.trials
    signatures.doctor signatures.app_side handshake_replies handshake_kinds handshakes
    signatures.verifying signing fresh looks changes jsontext remaking sampling raw records
    reading_back where filenames screen routes resigning wire jsonview views lines answer_lines
    sample_lines doctor_lines checking signature_lines endpoint_lines table whole comparing
    diffing diff_lines tunnel_lines banner redaction exporting exporting.items exporting.shell
    exporting.har exporting.python exporters printed replay_lines""",
    """stores stores.transactions stores.migrations stores.files stores.rows stores.querying
    stores.reader stores.pruning stores.writer stores.repeats stores.sqlite stores.memory
    stores.opening
    running aside tunnels.ngrok_config tunnels.ngrok_log tunnels.ngrok_binary tunnels.ngrok_errors
    tunnels.ngrok_download tunnels.watchdog tunnels tunnels.ngrok tunnels.probe
    tunnels.standing tunnels.ngrok_tunnel tunnels.public children failures dialling buffered
    pool exchange forwarder testing config_files settings limits confirming open_files""",
    """references reading filters looking inputs importing answers received replies health passing
    setting_up judging intake connections listener pipeline endings outputs outputs.sink
    outputs.lines outputs.flood outputs.waiting outputs.console outputs.save outputs.desk
    outputs.execute choosing watching way_in on_ready retention diagnosing listening
    outputs.forward history sending following triggering replaying progress outputs.replays""",
    """completion params options watch_options secret_options filter_options replay_options
    commands commands.list commands.show commands.diff commands.url commands.status
    commands.listen commands.follow commands.verify commands.export commands.import_
    commands.trigger commands.prune commands.doctor commands.replay commands.completion""",
    "cli __main__",
)
"""What may be imported: only what stands before, and nothing of a command but by `cli`."""

ORDER = [name for layer in LAYERS for name in layer.split()]
PURE = [name for layer in LAYERS[:2] for name in layer.split()]
IMPURE = {"aiohttp", "asyncio", "click", "pyngrok", "socket", "sqlite3", "subprocess", "threading"}

OTHER_TWINS = {
    "hookcli": "test_library.py",
    "__main__": "test_main.py",
    "stores": "stores/test_contract.py",
    "tunnels": "tunnels/test_tunnels.py",
}
"""Tests that do not have the name of what they test."""

LONGEST = 299
"""Lines of a file; more is two files."""

TABLES = {"hookcli/signatures/providers.py"}
"""Files that are long since they are tables, a record after the other."""


def module_name(path: Path) -> str:
    """Return a module's name below `hookcli`; the package itself is `hookcli`."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "hookcli"


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def parsed(path: Path) -> ast.Module:
    """Return what is written in a file."""
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Yield the full names of all that a file imports, also when it does so late."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                is_module = inner.removeprefix("hookcli.") in MODULES
                yield inner if is_module else str(node.module)


def own_imports(path: Path) -> list[str]:
    """Return the modules of ours that a file imports."""
    ours = [name for name in imports(path) if name.split(".")[0] == "hookcli"]
    return [name.removeprefix("hookcli.") for name in ours]


def has_functions(path: Path) -> bool:
    """Return whether there is anything in a file that could go wrong."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    names = (node.name for node in ast.walk(parsed(path)) if isinstance(node, kinds))
    return any(name != "__init__" for name in names)


@pytest.mark.parametrize("name", [name for name in MODULES if name != "hookcli"])
def test_a_file_imports_only_what_stands_before_it(name: str) -> None:
    """Lower layers, or files listed before it in its own: so there are no cycles.

    The package itself hands on the library, which is above it, when that is asked for.
    """
    assert name in ORDER, f"say in LAYERS where {name} belongs"

    later = [other for other in own_imports(MODULES[name]) if other not in before(name)]

    assert later == []


def before(name: str) -> list[str]:
    """Return the modules that `name` may import."""
    return ORDER[: ORDER.index(name)]


def test_the_list_of_layers_names_nothing_twice_and_nothing_gone() -> None:
    """A file that is taken away leaves the list as well."""
    assert len(set(ORDER)) == len(ORDER)
    assert set(ORDER) - set(MODULES) == set()


@pytest.mark.parametrize("name", [name for name in PURE if name in MODULES])
def test_values_and_pure_functions_do_no_io(name: str) -> None:
    """Whatever waits, talks or stores is above them."""
    assert {other.split(".")[0] for other in imports(MODULES[name])} & IMPURE == set()


@pytest.mark.parametrize("name", [name for name, path in MODULES.items() if has_functions(path)])
def test_a_file_has_its_twin(name: str) -> None:
    """Who looks for the tests of a file finds them under its name."""
    *folders, last = name.split(".")
    init = MODULES[name].name == "__init__.py"
    usual = [*folders, last, "test_init.py"] if init else [*folders, f"test_{last}.py"]
    twin = TESTS / OTHER_TWINS.get(name, "/".join(usual))

    assert twin.exists(), f"{twin.relative_to(ROOT)} is missing"


def test_files_are_short() -> None:
    """One sitting is enough to read any of them."""
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in chain(PACKAGE.rglob("*.py"), TESTS.rglob("*.py"))
        if str(path.relative_to(ROOT)) not in TABLES
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


@pytest.mark.parametrize("name", MODULES)
def test_no_task_is_lost(name: str) -> None:
    """A task belongs to a group, or is held and awaited by who started it."""
    nodes = list(ast.walk(parsed(MODULES[name])))
    dropped = [node.value for node in nodes if isinstance(node, ast.Expr)]
    called = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
    forgotten = [ast.unparse(node.func) for node in dropped if isinstance(node, ast.Call)]

    assert {"asyncio.create_task", "loop.create_task"} & set(called) == set()
    assert "asyncio.ensure_future" not in forgotten


def test_the_version_is_that_of_the_package() -> None:
    """It is a constant, since asking for the package's own takes too long."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert __version__ == project["version"]


@pytest.mark.parametrize("name", TARGETS)
def test_the_readme_shows_every_command_with_its_options(name: str) -> None:
    """What is not written down is not there."""
    readme = (ROOT / "README.md").read_text("utf-8")
    with click.Context(root, **root.context_settings) as context:
        command = root.get_command(context, name)
    assert command
    options = [max(each.opts, key=len) for each in command.params if each.opts[0][0] == "-"]

    assert f"hookcli {name}" in readme
    assert [option for option in options if option not in readme] == []
