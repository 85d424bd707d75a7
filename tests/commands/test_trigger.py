"""`trigger` lists samples, and sends them as they are asked for."""

from __future__ import annotations

import asyncio
import io
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from hookcli import Delivery, Headers, cli, verify
from hookcli.commands import trigger as module
from hookcli.errors import HookError
from hookcli.sampling import SAMPLES
from hookcli.signatures import identify
from hookcli.stores.opening import open_store
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookcli.triggering import Goal


class Inbox(NamedTuple):
    """An app that says yes to everything."""

    port: int
    deliveries: list[Delivery]

    @property
    def to(self) -> tuple[str, str]:
        """What sends there."""
        return ("--to", str(self.port))

    @property
    def last(self) -> Delivery:
        """What came last."""
        return self.deliveries[-1]


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """Run the app in a thread, as the command has a loop of its own."""
    came: list[Delivery] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = Headers([(name, value) for name, value in self.headers.items()])
            came.append(Delivery(method="POST", path=self.path, headers=headers, body=body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Inbox(server.server_port, came)
        finally:
            server.shutdown()
            thread.join()


def trigger(*arguments: str) -> int:
    return cli.run(["trigger", *arguments])


def test_without_arguments_it_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Each row begins with what is to be typed."""
    code = trigger()

    rows = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert rows == [[sample.provider, sample.name] for sample in SAMPLES]


def test_it_sends_what_is_valid(inbox: Inbox, capsys: pytest.CaptureFixture[str]) -> None:
    code = trigger("github", "issues.opened", *inbox.to, "--secret", "github=abc")

    out, err = capsys.readouterr()
    assert code == 0
    assert verify(inbox.last, "abc").code == "valid"
    assert identify(inbox.last.headers, inbox.last.body)[:3] == ("github", "issues", "opened")
    assert "--> github issues.opened [valid]" in out
    assert err == ""


def test_a_provider_alone_stands_for_its_most_usual_event(inbox: Inbox) -> None:
    trigger("github", *inbox.to)

    assert inbox.last.headers.get("x-github-event") == "push"


def test_without_a_secret_it_is_unsigned_and_says_so(
    inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    code = trigger("stripe", *inbox.to)

    out, err = capsys.readouterr()
    assert code == 0
    assert "[unsigned]" in out
    assert "Not signed: there is no secret for Stripe" in err
    assert inbox.last.headers.get("stripe-signature") is None


def test_secrets_come_from_files_and_variables_too(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("hookcli.toml").write_text('[secrets]\nslack = "from a file"\n')
    trigger("slack", "slash_command", *inbox.to)
    monkeypatch.setenv("HOOKCLI_SECRET", "slack=from a variable")
    trigger("slack", "slash_command", *inbox.to)

    first, second = inbox.deliveries
    assert verify(first, "from a file").code == "valid"
    assert verify(second, "from a variable").code == "valid"


def test_a_pair_of_keys_is_made_where_one_is_needed(
    inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """The public one is told, to check with, and the private one, to sign with again."""
    trigger("discord", *inbox.to)

    message, hint = capsys.readouterr().err.splitlines()
    public, private = message.split()[-1], hint.partition("discord=")[2]
    assert verify(inbox.last, public).code == "valid"
    trigger("discord", *inbox.to, "--secret", f"discord={private}")
    assert verify(inbox.last, public).code == "valid"


def test_a_payload_is_sent_as_it_is(inbox: Inbox, tmp_path: Path) -> None:
    """For any provider and event."""
    file = tmp_path / "payload.json"
    file.write_bytes(b'{ "odd" : "spacing" }\n')

    trigger("zendesk", *inbox.to, "--payload", str(file), "--secret", "abc")

    assert inbox.last.body == b'{ "odd" : "spacing" }\n'
    assert inbox.last.path == "/zendesk"
    assert verify(inbox.last, "abc").code == "valid"


def test_fields_are_set_before_it_is_signed(inbox: Inbox) -> None:
    """Of forms as well."""
    trigger("stripe", *inbox.to, "--secret", "abc", "--set", "data.object.amount_total:=100")
    trigger("twilio", *inbox.to, "--secret", "abc", "--set", "Body=Hi & bye")

    checkout, sms = inbox.deliveries
    url = f"http://127.0.0.1:{inbox.port}/twilio"
    assert b'"amount_total": 100,' in checkout.body
    assert b"&Body=Hi+%26+bye&" in sms.body
    assert verify(checkout, "abc").code == verify(sms, "abc", url=url).code == "valid"


def test_a_header_is_sent_as_it_was_asked_for(inbox: Inbox) -> None:
    """Also one that holds the signature."""
    headers = ("--header", "X-GitHub-Delivery: 42", "--header", "X-Hub-Signature-256: sha256=no")

    trigger("github", *inbox.to, "--secret", "abc", *headers)

    assert inbox.last.headers.get("x-github-delivery") == "42"
    assert inbox.last.headers.get("x-hub-signature-256") == "sha256=no"


async def kept(folder: Path, delivery: Delivery) -> str:
    """Keep a delivery; return the URL of the store."""
    url = f"sqlite:{folder / 'hooks.db'}"
    store = await open_store(url, create=True)
    await store.append(delivery, make_answer())
    await store.close()
    return url


def test_one_like_another_is_new_and_signed_anew(inbox: Inbox, tmp_path: Path) -> None:
    pairs = [("Host", "x.test"), ("X-GitHub-Event", "issues"), ("X-Hub-Signature-256", "sha256=0")]
    pairs.append(("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"))
    old = make_delivery(
        headers=Headers(pairs), body=b'{"action": "opened"}', delivery_id=pairs[-1][1]
    )
    store = asyncio.run(kept(tmp_path, old))

    code = trigger("--like", "1", "--store", store, *inbox.to, "--secret", "abc")

    assert code == 0
    assert inbox.last.body == old.body
    assert verify(inbox.last, "abc").code == "valid"
    assert inbox.last.headers.get("x-github-delivery") not in {None, pairs[-1][1]}
    assert inbox.last.headers.get("host") == f"127.0.0.1:{inbox.port}"


def test_nobody_knows_how_to_sign_for_an_unknown_sender(
    inbox: Inbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is sent as it came, or with another payload, and there is nothing to be done."""
    old = make_delivery(provider=None, event=None, action=None, path="/x", body=b"old")
    store = asyncio.run(kept(tmp_path, old))
    file = tmp_path / "new"
    file.write_bytes(b"new")

    trigger("--like", "1", "--store", store, *inbox.to, "--secret", "abc")
    trigger("--like", "1", "--store", store, *inbox.to, "--payload", str(file))

    assert [(each.path, each.body) for each in inbox.deliveries] == [
        ("/x?a=1", b"old"),
        ("/x?a=1", b"new"),
    ]
    assert capsys.readouterr().err == ""


def test_a_payload_comes_from_standard_input_too(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"a": 1}')))

    trigger("github", "push", *inbox.to, "--payload", "-")

    assert inbox.last.body == b'{"a": 1}'
    assert inbox.last.headers.get("x-github-event") == "push"


def test_a_secure_url_says_so_to_who_checks_what_is_signed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Behind a proxy an app knows the scheme by that header alone."""
    sent: list[Delivery] = []

    async def run(delivery: Delivery, goal: Goal, **_: object) -> bool:
        sent.append(delivery)
        return verify(delivery, "abc", url=goal.url(delivery)).code == "valid"

    monkeypatch.setattr(module, "run", run)

    code = trigger("twilio", "--to", "https://staging.example/in", "--secret", "abc")

    assert code == 0
    assert sent[0].headers.get("x-forwarded-proto") == "https"


def test_a_secret_that_does_not_fit_is_an_error(inbox: Inbox) -> None:
    """Nothing is sent that would look signed."""
    with pytest.raises(HookError, match="Cannot sign"):
        trigger("discord", *inbox.to, "--secret", "abc")

    assert inbox.deliveries == []
