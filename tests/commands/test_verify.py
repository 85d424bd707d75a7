"""`verify` finds what is meant, checks it, says how, and ends with the verdict."""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from hookcli import cli
from hookcli.commands.verify import stored
from hookcli.delivery import Delivery, Headers
from hookcli.errors import HookError, UsageError
from hookcli.grammar import reference
from hookcli.raw import raw_head
from hookcli.records import delivery_record, dump
from hookcli.stores.memory import MemoryStore
from hookcli.stores.opening import open_store
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import Callable

VALUE = "It's a Secret to Everybody"
BODY = b'{"action": "opened"}'


def signed(secret: str = VALUE, body: bytes = BODY, **fields: Any) -> Delivery:
    """Return what GitHub sends."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    pairs = [("Host", "x.test"), ("X-GitHub-Event", "issues")]
    pairs.append(("X-Hub-Signature-256", f"sha256={digest}"))
    return make_delivery(headers=Headers(pairs), body=body, **fields)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a working folder, the secret, and a time zone."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("HOOKCLI_SECRET", "github=env:GITHUB_WEBHOOK_SECRET")
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", VALUE)
    return folder


@pytest.fixture
async def filled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Fill the store that is used by default: 1 is valid, 2 is not, 3 is and is large."""
    url = f"sqlite:{folder / 'hooks.db'}"
    monkeypatch.setenv("HOOKCLI_STORE", url)
    large = b'["' + b"x" * (3 << 20) + b'"]'
    store = await open_store(url, create=True)
    await store.append(signed(), make_answer())
    await store.append(signed("other"), make_answer())
    whole = signed(body=large)
    await store.append(
        make_delivery(headers=whole.headers, body=b"", size=len(large)),
        make_answer(),
        io.BytesIO(large),
    )
    await store.close()
    return url


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, str]]]:
    """Return a way to run it, which gives the exit code and the last check's rows."""

    def run(*arguments: str) -> tuple[int, dict[str, str]]:
        code = cli.run(["verify", *arguments])
        streams = capsys.readouterr()
        assert VALUE not in streams.out + streams.err
        lines = streams.out.rpartition("\n\n")[2].splitlines()
        return code, {line[:11].strip(): line[11:] for line in lines if line[0] != " "}

    return run


def test_a_stored_one_is_checked_step_by_step(filled: str, said: Any) -> None:
    """The verdict comes last; the code is for scripts."""
    code, rows = said("1", "--store", filled)

    assert code == 0
    assert list(rows) == ["Delivery", "Sender", "Time", "Secret", "Checked", "Verdict"]
    assert rows["Delivery"] == "#1 github issues.opened POST /github?a=1 20 B"
    assert rows["Time"] == "2026-11-24 12:00:00 +0000, when it arrived"
    assert rows["Secret"] == "github, from env GITHUB_WEBHOOK_SECRET"
    assert rows["Verdict"].startswith("[valid] HMAC-SHA256 of the raw body matches the secret")


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("which", "code", "number"),
    [("latest~1", 3, "#2"), ("1", 0, "#1"), ("#2", 3, "#2"), ("3", 0, "#3"), (None, 0, "#3")],
)
def test_what_is_not_valid_ends_with_3(
    which: str | None, code: int, number: str, said: Any
) -> None:
    """Without an ID it is the latest; a large body is checked whole."""
    ended, rows = said(*([which] if which else []))

    assert ended == code
    assert rows["Delivery"].split()[0] == number
    assert ("[BAD]" in rows["Verdict"]) == bool(code)


@pytest.mark.usefixtures("filled")
def test_a_file_comes_before_a_delivery_of_that_name(said: Any) -> None:
    Path("2").write_bytes(raw_head(signed()) + BODY)

    code, rows = said("2")

    assert code == 0
    assert rows["Delivery"].startswith("github issues.opened POST")
    assert rows["Time"].endswith(", which is now")


def test_a_folder_is_no_file(filled: str, said: Any) -> None:
    Path("1").mkdir()

    assert said("1", "--store", filled)[0] == 0


@pytest.mark.parametrize(
    ("secrets", "code"), [(["", ""], 0), (["", "other"], 3), (["other", ""], 3), ([""], 0)]
)
def test_records_are_checked_one_after_the_other(
    secrets: list[str], code: int, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All have to be valid. Each is checked as of when it came."""
    records = [dump(delivery_record(signed(secret or VALUE), BODY)) for secret in secrets]
    stdin = io.TextIOWrapper(io.BytesIO(b"".join(records)))
    monkeypatch.setattr(sys, "stdin", stdin)

    ended, rows = said("-")

    assert ended == code
    assert rows["Time"].endswith(", when it arrived")


def test_several_checks_have_an_empty_line_between(capsys: pytest.CaptureFixture[str]) -> None:
    record = dump(delivery_record(signed(), BODY))
    Path("captured.ndjson").write_bytes(record * 2)

    cli.run(["verify", "captured.ndjson"])

    lines = capsys.readouterr().out.splitlines()
    assert [at for at, line in enumerate(lines) if not line] == [6]
    assert lines[:6] == lines[7:]


def test_time_and_tolerance_may_be_set(said: Any) -> None:
    """As in a signature, in Unix seconds, or as everywhere else."""
    at = datetime(2026, 11, 24, 14, 5, 10, tzinfo=UTC)
    time = f"{at.timestamp():.0f}"
    digest = hmac.new(b"x", f"{time}.".encode() + BODY, hashlib.sha256).hexdigest()
    delivery = Delivery(
        method="POST",
        path="/",
        headers=Headers([("Stripe-Signature", f"t={time},v1={digest}")]),
        body=BODY,
    )
    Path("r.http").write_bytes(raw_head(delivery) + BODY)
    then, later = at + timedelta(minutes=2), at + timedelta(minutes=7)
    known = ("r.http", "--secret", "x")

    assert said(*known, "--at", time)[0] == 0
    assert said(*known, "--at", then.isoformat())[0] == 0
    assert said(*known, "--at", later.isoformat())[0] == 3
    assert said(*known, "--at", later.isoformat(), "--tolerance", "10m")[0] == 0
    assert said(*known, "--at", then.isoformat(), "--tolerance", "90")[0] == 3
    assert said(*known, "--at", time, "--provider", "github")[0] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--provider", "githb"], "--provider: there is no provider 'githb'"),
        (["--public-url", "x.test"], "--public-url: 'x.test' is not a URL"),
        (["--at", "noon"], "--at: 'noon' is not a time"),
        (["--tolerance", "5min"], "--tolerance: '5min' is not a duration"),
        (["--secret", "githb=x"], "--secret: what stands before = is nearly a provider's name"),
        (["--secret", "@missing"], "--secret: missing cannot be read: No such file or directory"),
        (["latest~x"], "'latest~x' names no delivery"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        cli.run(["verify", *arguments])

    assert caught.value.message == said
    assert caught.value.hint


@pytest.mark.parametrize("secret", [None, "meta.verify-token=x"])
def test_without_a_secret_there_is_nothing_to_check(
    secret: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong usage, with all the places where it may be given."""
    monkeypatch.delenv("HOOKCLI_SECRET")

    with pytest.raises(UsageError, match="There is no secret to check with") as caught:
        cli.run(["verify", *(["--secret", secret] if secret else [])])

    assert "[secrets] in hookcli.toml" in caught.value.hint


def test_the_secrets_of_a_file_are_used(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOOKCLI_SECRET")
    Path("hookcli.toml").write_text('[secrets]\ngithub = "env:GITHUB_WEBHOOK_SECRET"\n')
    Path("r.http").write_bytes(raw_head(signed()) + BODY)

    assert said("r.http")[0] == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"type":"ready"}\n', "There is no delivery in it"),
        (b"\x00\xff", "This is neither a record nor an HTTP request"),
        (b"", "This is neither a record nor an HTTP request"),
    ],
)
def test_what_holds_no_delivery_is_an_error(content: bytes, message: str) -> None:
    Path("f").write_bytes(content)

    with pytest.raises(HookError) as caught:
        cli.run(["verify", "f"])

    assert (caught.value.exit_code, caught.value.message) == (1, message)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("which", ["7", "x" * 5_000, "missing.http"])
def test_what_is_nowhere_is_an_error(which: str) -> None:
    """Also where it is too long to be the name of a file."""
    with pytest.raises(HookError, match="No delivery is ") as caught:
        cli.run(["verify", which])

    assert caught.value.exit_code == 1
    assert ("no such file" in caught.value.hint) == (which != "7")


async def test_a_delivery_is_read_whole() -> None:
    store = MemoryStore()
    large = b"x" * (2 << 20)
    await store.append(make_delivery(body=b"", size=len(large)), make_answer(), io.BytesIO(large))

    assert (await stored(store, reference("latest"))).body == large


def test_a_hostile_request_cannot_fake_a_line(said: Any) -> None:
    hostile = "/\x1b[2J\u202e%0aVerdict[valid]"
    Path("f").write_bytes(f"POST {hostile} HTTP/1.1\n\n".encode())

    code, rows = said("f", "--provider", "github")

    assert code == 3
    assert all(text.isprintable() for text in rows.values())


def test_a_terminal_shows_the_length_of_a_secret(filled: str) -> None:
    """And nothing else of it; no line is wider than the terminal."""
    command = f"-m hookcli verify 2 --store {filled}".split()
    environ: Any = {**os.environ, "TERM": "xterm"}

    terminal = pexpect.spawn(
        sys.executable, command, env=environ, dimensions=(24, 80), timeout=10, encoding="utf-8"
    )
    text = re.sub(r"\x1b\[[0-9;]*m", "", terminal.read())

    assert "Secret     github, from env GITHUB_WEBHOOK_SECRET, 26 characters\r\n" in text
    assert VALUE not in text
    assert all(len(line) < 80 for line in text.splitlines())


def test_neither_output_nor_errors_show_a_secret(filled: str) -> None:
    """With tracebacks neither, where what it was given for is wrong."""
    environ = {**os.environ, "HOOKCLI_DEBUG": "1", "HOOKCLI_SECRET": f"githb={VALUE}"}
    command = [sys.executable, "-m", "hookcli", "verify", "1", "--store", filled]

    ended = subprocess.run(command, capture_output=True, check=False, env=environ)

    assert ended.returncode == 2
    assert b"Traceback" in ended.stderr
    assert VALUE.encode() not in ended.stdout + ended.stderr
