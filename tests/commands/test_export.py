"""`export` writes what was chosen, masked where it is to be shared, and says what it cost."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hookcli import cli
from hookcli.delivery import Headers, Verdict
from hookcli.errors import HookError, UsageError
from hookcli.stores.opening import open_store
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[str, str]]

SIGNED = Headers([("Host", "x.test"), ("X-Hub-Signature-256", "sha256=ab12cd34")])


@pytest.fixture(autouse=True)
async def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test a working folder, and a store of four deliveries, the third a large one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOOKCLI_STORE", "sqlite:./hooks.db")
    store = await open_store("sqlite:./hooks.db", create=True)
    await store.append(make_delivery(headers=SIGNED, body=b'{"token": "abc"}'), make_answer())
    await store.append(make_delivery(body=b"\0\xff", event="push"), make_answer(status=500))
    large = b'["' + b"x" * (2 << 20) + b'"]'
    await store.append(make_delivery(body=b"", size=len(large)), body=io.BytesIO(large))
    await store.append(make_delivery(body=b"hello", signature=Verdict("unsigned", "Not signed")))
    await store.close()


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Return a way to run it, which gives what is said on both streams."""

    def export(*arguments: str) -> tuple[str, str]:
        assert cli.run(["export", *arguments]) == 0
        streams = capsysbinary.readouterr()
        return streams.out.decode(), streams.err.decode()

    return export


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        ([], [4]),
        (["1"], [1]),
        (["2", "1", "#2"], [2, 1]),
        (["latest~3"], [1]),
        (["--event", "push"], [2]),
        (["--contains", "TOKEN"], [1]),
        (["--failed"], [2]),
        (["--where", ".size == 5"], [4]),
    ],
)
def test_deliveries_are_chosen(chosen: list[str], numbers: list[int], run: Run) -> None:
    """By ID, by filters, or the latest; each once."""
    out, _ = run(*chosen, "--as", "curl")

    marks = [line.split()[1] for line in out.splitlines() if line.startswith("# #")]
    assert marks == [f"#{number}" for number in numbers]


@pytest.mark.parametrize(
    ("form", "given", "masked"),
    [
        ("curl", [], False),
        ("curl", ["--redact"], True),
        ("python", [], False),
        ("har", [], True),
        ("har", ["--no-redact"], False),
        ("pytest", [], True),
        ("pytest", ["--no-redact"], False),
    ],
)
def test_what_is_to_be_shared_is_masked(
    form: str, given: list[str], masked: bool, run: Run
) -> None:
    """It is told where a signature fits no more; tests sign anew."""
    out, err = run("1", "--as", form, *given)

    assert ("ab12cd34" not in out) == ("abc" not in out) == masked
    assert ("The signature of #1 fits no more" in err) == (masked and form != "pytest")


def test_of_many_signatures_that_fit_no_more_it_is_told_once(run: Run) -> None:
    signed = b"POST / HTTP/1.1\nX-GitHub-Event: push\nX-Hub-Signature-256: sha256=ab12\n\n{}"
    Path("f").write_bytes(signed)
    cli.run(["import", "f"])

    _, err = run("1", "4", "5", "--as", "curl", "--redact")

    assert err.count("Notice") == 1, err
    assert "The signatures of 2 deliveries fit no more" in err


def test_an_archive_is_one_document(run: Run) -> None:
    """An entry for each attempt, and for each delivery without one; large bodies whole."""
    out, _ = run("--provider", "github", "--as", "har")

    entries = json.loads(out)["log"]["entries"]
    assert [entry["_hookcli"]["id"] for entry in entries] == [1, 2, 3, 4]
    assert [entry["response"]["status"] for entry in entries] == [200, 500, 0, 0]
    assert entries[2]["request"]["bodySize"] == (2 << 20) + 4


def test_it_may_be_sent_elsewhere(run: Run) -> None:
    out, _ = run("1", "--as", "curl", "--to", "3000/x")

    assert "'http://127.0.0.1:3000/x?a=1'" in out


def test_a_file_is_written_whole(run: Run) -> None:
    """In place of an old one, for nobody else. Bodies that are no text stand beside it."""
    Path("it's.sh").write_text("old")

    said = run("2", "4", "--as", "curl", "-o", "it's.sh")

    script = Path("it's.sh").read_text()
    assert said == ("", "")
    assert '--data-binary @"$(dirname -- "$0")/it_s.sh.2.body"' in script
    assert "--data-binary 'hello'" in script
    assert Path("it_s.sh.2.body").read_bytes() == b"\0\xff"
    assert {Path(name).stat().st_mode & 0o077 for name in ("it's.sh", "it_s.sh.2.body")} == {0}
    assert not [path for path in Path().iterdir() if path.name.startswith(".it")]


def test_a_device_is_written_to() -> None:
    """And not replaced by a file."""
    cli.run(["export", "1", "--as", "curl", "-o", os.devnull])

    assert not Path(os.devnull).is_file()


def test_what_fails_leaves_the_old_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> str:
        raise HookError("It fails", "So it does")

    monkeypatch.setattr("hookcli.exporting.shell.quote", fail)
    Path("f").write_text("old")

    with pytest.raises(HookError, match="It fails"):
        cli.run(["export", "1", "2", "--as", "curl", "-o", "f"])

    assert Path("f").read_text() == "old"
    assert not [path for path in Path().iterdir() if path.name.startswith(".f")]


def test_what_cannot_be_sent_as_it_came_is_told(run: Run) -> None:
    _, err = run("4", "--as", "httpie")

    assert err.startswith("Notice: httpie cannot send this of #4 as it came: the header x-e,")


def test_what_cannot_be_sent_of_many_is_told_once(run: Run) -> None:
    Path("f").write_bytes(b"POST /a[] HTTP/1.1\nContent-Length: 2\n\n{}")
    cli.run(["import", "f"])
    cli.run(["import", "f"])

    _, err = run("5", "6", "--as", "python")
    _, elsewhere = run("5", "6", "--as", "python", "--to", "3000/b")

    assert "python cannot send this of #5 and 1 more as it came: the path or query" in err
    assert err.count("Notice") == 1
    assert elsewhere == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--as"),
        (["--as", "wget"], "there is no 'wget'"),
        (["--as", "curl", "1", "--failed"], "Two ways to say what is exported"),
        (["--as", "curl", "--to", "ftp://x"], "'ftp://x' is not an HTTP URL"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        cli.run(["export", *arguments])

    assert said in caught.value.message


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["99"], "No delivery is 99"),
        (["--event", "none"], "There is no such delivery"),
        (["-o", "none/f"], "none/f cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_told(arguments: list[str], said: str) -> None:
    with pytest.raises(HookError) as caught:
        cli.run(["export", "--as", "curl", *arguments])

    assert (caught.value.exit_code, caught.value.message) == (1, said)


def test_a_body_that_cannot_be_looked_into_is_told(run: Run, tmp_path: Path) -> None:
    """Nobody knows what is in it."""
    packed: Any = make_delivery(headers=Headers([("Content-Encoding", "br")]), body=b"x")
    store = f"sqlite:{tmp_path}/other.db"
    (tmp_path / "f").write_bytes(b"POST / HTTP/1.1\nContent-Encoding: br\n\n" + packed.body)
    cli.run(["import", str(tmp_path / "f"), "--store", store])

    _, err = run("--as", "har", "--store", store)

    assert "The body of #1 is left out" in err


def test_reading_loads_no_tables_of_providers() -> None:
    """Nor a server: it starts at once."""
    program = (
        "import sys, hookcli.commands.export as _;"
        "sys.exit(bool({'hookcli.signatures.providers', 'aiohttp', 'asyncio'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
