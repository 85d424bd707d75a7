"""The command line of `listen` becomes a wish, or an error that names what is wrong."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest

from hookcli.answers import BuiltIn
from hookcli.commands import listen as module
from hookcli.commands.listen import listen
from hookcli.delivery import Headers
from hookcli.errors import UsageError
from hookcli.way_in import TunnelWish

if TYPE_CHECKING:
    from pathlib import Path

    from hookcli.listening import Wish


class Runs:
    """What was asked of a run that does not take place."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.wish: Wish
        self.streams: tuple[Any, ...] = ()

    async def listen(self, wish: Wish, *, stdout: Any, stderr: Any, environ: Any) -> int:
        """Note the wish."""
        self.wish = wish
        self.streams = stdout, stderr, environ
        return self.code


def asked(monkeypatch: pytest.MonkeyPatch, *arguments: str, code: int = 0) -> Runs:
    """Run `hookcli listen` with these arguments; return what it asked for."""
    runs = Runs(code)
    monkeypatch.setattr(module, "receive", runs.listen)
    with pytest.raises(SystemExit) as end:
        listen.main(list(arguments), prog_name="hookcli listen")
    assert (end.value.code or 0) == code
    return runs


def refused(*arguments: str) -> UsageError:
    """Run `hookcli listen` with arguments that are wrong; return what is said of them."""
    with pytest.raises(UsageError) as caught:
        listen.main(list(arguments), standalone_mode=False)
    assert caught.value.hint
    return caught.value


def test_without_options_it_does_what_most_want(monkeypatch: pytest.MonkeyPatch) -> None:
    """Port 4567 of this computer, a tunnel if there is a token, 200 ok."""
    runs = asked(monkeypatch)

    wish = runs.wish
    assert (wish.host, wish.port, wish.tunnel) == ("127.0.0.1", 4567, TunnelWish(kind="auto"))
    assert wish.rules.answer.is_default
    assert wish.max_body == 26_214_400
    assert (wish.watch.form, wish.watch.color, wish.store) == (None, "auto", None)
    assert (wish.watch.save, wish.watch.count, wish.watch.timeout_s, wish.watch.check) == (
        None,
        None,
        None,
        False,
    )
    assert wish.watch.choice.named == ()
    assert runs.streams == (sys.stdout, sys.stderr, os.environ)


def test_every_option_is_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "answer").write_bytes(b"\xff\n")
    answer = f"@{tmp_path / 'answer'}"

    wish = asked(
        monkeypatch,
        *("0", "--tunnel", "ngrok", "--domain", "x.test", "--ngrok-config", "n.yml"),
        *("--host", "::1", "--respond", "202", "--respond-body", answer, "--delay", "0.5"),
        *("--respond-header", "X-A: 1", "--respond-header", "x-a: 2", "--max-body", "1K"),
        *("--format", "body", "--where", ".size", "-e", "push", "--event", "issues.*"),
        *("--color", "never", "--save", "hooks", "-n", "3", "--timeout", "2m", "--check"),
        *("--store", "memory", "-f", "3000", "--forward", "/x=[::1]:80/y"),
        *("--forward-to", "/z=https://z.test", "--forward-timeout", "3", "--insecure"),
    ).wish

    tunnel = wish.tunnel
    assert (tunnel.kind, tunnel.domain, str(tunnel.ngrok_config)) == ("ngrok", "x.test", "n.yml")
    assert (wish.host, wish.port, wish.max_body) == ("::1", 0, 1024)
    headers = Headers([("X-A", "1"), ("x-a", "2")])
    assert wish.rules.answer == BuiltIn(status=202, body=b"\xff\n", headers=headers, delay_s=0.5)
    assert (wish.watch.form, wish.watch.color, wish.store) == ("body", "never", "memory")
    assert [(prefix, endpoint.url) for prefix, endpoint in wish.rules.routes] == [
        ("/x", "http://[::1]/y"),
        ("/z", "https://z.test"),
        ("/", "http://127.0.0.1:3000"),
    ]
    assert (wish.forward_timeout_s, wish.insecure) == (3, True)
    assert wish.watch.choice.named == ("push", "issues.*", ".size")
    assert wish.watch.save is not None
    assert wish.watch.save.folder == "hooks/"
    assert (wish.watch.count, wish.watch.timeout_s, wish.watch.check) == (3, 120, True)


def test_the_store_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOKCLI_STORE", "sqlite:x.db")

    assert asked(monkeypatch).wish.store == "sqlite:x.db"
    assert asked(monkeypatch, "--store", "memory").wish.store == "memory"


def test_a_store_that_only_this_command_knows_is_one_by_flag(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What stands in the environment, or in a file, other commands find as well."""
    by_flag = asked(monkeypatch, "--store", "sqlite:/tmp/x.db").wish
    monkeypatch.setenv("HOOKCLI_STORE", "sqlite:/tmp/x.db")

    assert by_flag.store_by_flag
    assert not asked(monkeypatch).wish.store_by_flag


def test_it_ends_with_the_code_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, code=3)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://your.host", "https://your.host"),
        ("your.host", "https://your.host"),
        ("http://your.host:8080/hooks/", "http://your.host:8080/hooks"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://bücher.example", "https://bücher.example"),
    ],
)
def test_ones_own_way_in_is_a_url(monkeypatch: pytest.MonkeyPatch, given: str, url: str) -> None:
    wish = asked(monkeypatch, "--public-url", given).wish

    assert wish.tunnel.public_url == url


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("0x10",), "'0x10' is not a port"),
        (("65536",), "'65536' is not a port"),
        (("0000099999",), "'0000099999' is not a port"),
        (("-1",), "-1"),
        (("--host", ""), "--host: the address is empty"),
        (("--public-url", "ftp://x"), "'ftp://x' is not a URL"),
        (("--public-url", "https://"), "'https://' is not a URL"),
        (("--public-url", "https://["), "'https://[' is not a URL"),
        (("--public-url", "https://x:99999"), "'https://x:99999' is not a URL"),
        (("--public-url", "https://x:0"), "'https://x:0' is not a URL"),
        (("--public-url", "https://x/?q"), "'https://x/?q' is not a URL"),
        (("--public-url", "your host"), "'your host' is not a URL"),
        (("--public-url", "https://x/a b"), "'https://x/a b' is not a URL"),
        (("--public-url", "https://x\x1b[31m"), "is not a URL"),
        (("--public-url", "x", "--domain", "y"), "--public-url goes without a tunnel"),
        (("--public-url", "x", "--tunnel", "ngrok"), "--public-url goes without a tunnel"),
        (("--tunnel", "ngrk"), "--tunnel: there is no 'ngrk'"),
        (("-f", "stripe=3000"), "--forward: 'stripe=3000' is not a route"),
        (("-f", "3000", "-f", "4000"), "Two URLs are given for the rest"),
        (("4000", "-f", "localhost:4000/x"), "http://localhost:4000/x is this listener itself"),
        (("4000", "-f", "0.0.0.0:4000"), "http://0.0.0.0:4000 is this listener itself"),
        (("--forward-timeout", "x"), "--forward-timeout: 'x'"),
        (("--forward-timeout", "0s"), "--forward-timeout: no app answers in no time"),
        (("--respond", "1000"), "--respond: '1000' is not an HTTP status"),
        (("--respond-body", "@/no/such/file"), "'/no/such/file' cannot be read: No such file"),
        (("--respond-body", "@/"), "'/' cannot be read: Is a directory"),
        (("--respond-header", "no colon"), "'no colon' is not a header"),
        (("--respond-header", "Content-Length: 3"), "Content-Length is set by hookcli itself"),
        (("--respond-header", "connection: close"), "connection is set by hookcli itself"),
        (("--delay", "soon"), "--delay: "),
        (("--max-body", "much"), "--max-body: "),
        (("--format", "json"), "--format: there is no 'json'"),
        (("--where", ".payload =="), "where"),
        (("--event", ""), "--event: the name of an event is empty"),
        (("--save", "hooks/{evnt}"), "evnt"),
        (("--count", "0"), "--count: '0' is not a number from 1 on"),
        (("--timeout", "never"), "--timeout: "),
    ],
)
def test_what_is_wrong_is_named(arguments: tuple[str, ...], message: str) -> None:
    """Before anything is opened."""
    try:
        error: Exception = refused(*arguments)
    except click.UsageError as by_click:
        error = by_click

    assert message in str(error)


def test_a_body_is_the_bytes_that_were_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """UTF-8, also where it is not."""
    assert asked(monkeypatch, "--respond-body", "é\udcff").wish.rules.answer.body == b"\xc3\xa9\xff"
    assert asked(monkeypatch, "--respond-body", "").wish.rules.answer.body == b""


def test_the_help_shows_all_of_it_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        listen.main(["--help"], prog_name="hookcli listen")

    told = capsys.readouterr().out
    groups = [line for line in told.splitlines() if line.endswith(":") and line[0] != " "]
    assert groups == [
        "Tunnel:",
        "Signatures:",
        "Answering:",
        "Showing:",
        "Saving:",
        "Stopping:",
        "Else:",
    ]
