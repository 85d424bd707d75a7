"""What ngrok's refusals mean."""

from __future__ import annotations

import json

import pytest

from hookcli.tunnels.ngrok_config import Token
from hookcli.tunnels.ngrok_errors import ERRORS, Facts, NoContactError, explain, plain
from tests.ngrok_edge.errors import AUTH_ERRORS, BIND_ERRORS, error_text

TOKEN = Token("2abcdefghijklmnopqrstuvwxyz", "NGROK_AUTHTOKEN")
FACTS = Facts(token=TOKEN, version="3.30.0", path="/usr/bin/ngrok", domain="a.example.com")
FIELDS = {
    "authtoken": TOKEN.value,
    "version": "3.30.0",
    "url": "https://a.ngrok.app",
    "host": "a.ngrok.app",
    "tunnels": "",
}


@pytest.mark.parametrize("number", ERRORS)
def test_every_known_refusal_names_its_number_and_a_next_step(number: int) -> None:
    """And has no blanks left."""
    error = explain(f"ngrok says so\r\n\r\nERR_NGROK_{number}\r\n", FACTS)

    assert error.message.endswith(f"(ERR_NGROK_{number})")
    assert error.hint
    assert "{" not in error.message + error.hint
    assert not isinstance(error, NoContactError)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        *((code, error_text(AUTH_ERRORS, code, **FIELDS)) for code in AUTH_ERRORS),
        *((code, error_text(BIND_ERRORS, code, **FIELDS)) for code in BIND_ERRORS),
        ("ERR_NGROK_9999", error_text({}, "ERR_NGROK_9999") + TOKEN.value),
    ],
)
def test_the_token_is_never_said(code: str, text: str) -> None:
    """Neither as ngrok writes it nor as it stands in the log or the API's answer."""
    answer = json.dumps({"error_code": 103, "details": {"err": text}})
    for said in (text, text.replace("\n", "\\n").replace("\r", "\\r"), answer):
        error = explain(said, FACTS)

        assert code.rpartition("_")[2] in error.message + error.hint
        assert TOKEN.value not in error.message + error.hint
        assert TOKEN.value not in plain(said, TOKEN)


def test_a_rejected_token_is_shown_by_its_beginning_and_its_source() -> None:
    """Enough to find the wrong one."""
    error = explain("ERR_NGROK_107", FACTS)

    assert "2abc… from NGROK_AUTHTOKEN" in error.message


@pytest.mark.parametrize("number", [108, 334, 6030])
def test_an_agent_that_is_in_the_way_may_be_watched_in_place_of_ended(number: int) -> None:
    """It may be the listener that is wanted."""
    error = explain(f"ERR_NGROK_{number}", FACTS)

    assert "hookcli follow" in error.hint
    assert "https://dashboard.ngrok.com/agents" in error.hint


def test_an_agent_that_is_too_old_is_updated_or_installed_anew() -> None:
    """Those of version 2 do not update themselves to version 3."""
    hint = explain("ERR_NGROK_121", FACTS).hint

    assert (
        hint
        == "Update it: /usr/bin/ngrok update, or install it anew from https://ngrok.com/download"
    )


def test_a_url_that_is_taken_is_named() -> None:
    """Somebody has to find where."""
    error = explain(error_text(BIND_ERRORS, "ERR_NGROK_334", **FIELDS), FACTS)

    assert error.message.startswith("https://a.ngrok.app is already online")


def test_what_would_move_the_cursor_is_escaped() -> None:
    """Whoever speaks for ngrok."""
    assert plain("\x1b[2Jgone", None) == "\\u001b[2Jgone"


def test_an_unknown_refusal_is_said_in_ngroks_words_with_its_page() -> None:
    """On one line, bounded."""
    error = explain("Emulated  failure.\\r\\n\\r\\nERR_NGROK_4321\\r\\n." + "x" * 999, FACTS)

    assert error.message.startswith("ngrok refuses: Emulated failure.")
    assert "\n" not in error.message
    assert len(error.message) < 330
    assert "https://ngrok.com/docs/errors/err_ngrok_4321" in error.hint


@pytest.mark.parametrize(
    "said",
    [
        "dial tcp 127.0.0.1:41521: connect: connection refused",
        'failed to dial ngrok server with address "connect.ngrok-agent.com:443": no such host',
        "lookup connect.ngrok-agent.com: i/o timeout",
        "read EOF from remote peer",
        "remote gone away: session closed",
        "x509: certificate signed by unknown authority",
        "an ngrok tunnel session has not yet been established",
    ],
)
def test_no_way_to_ngrok_may_end(said: str) -> None:
    """So it is told apart from what trying again would not mend."""
    assert isinstance(explain(said, FACTS), NoContactError)


def test_a_proxy_that_inspects_has_a_remedy() -> None:
    """Corporate networks re-sign everything."""
    error = explain("x509: certificate signed by unknown authority", FACTS)

    assert "root_cas: host" in error.hint


def test_whatever_else_is_said_as_it_came() -> None:
    """An agent may have words that nobody foresaw."""
    error = explain("yaml: unmarshal errors: line 3: field foo not found", FACTS)

    assert "line 3: field foo not found" in error.message
    assert not isinstance(error, NoContactError)
