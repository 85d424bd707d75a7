"""An app that refuses what is signed right is told apart from one that has a reason to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hookcli.delivery import EPOCH, UNSIGNED, Attempt, Headers, Verdict
from hookcli.signatures.app_side import app_fault

RIGHT = Verdict("valid", "HMAC-SHA256 of the raw body matches the secret 'stripe'")
REFUSED = Attempt(
    kind="forward", endpoint="http://127.0.0.1:3000", started_at=EPOCH, duration_ms=1, status=400
)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_an_app_that_refuses_what_is_signed_right_is_at_fault(status: int) -> None:
    fault = app_fault(RIGHT, replace(REFUSED, status=status))

    assert fault
    assert fault.said == (
        "The signature is right with the secret hookcli has (stripe): "
        "your app has another secret, or checks a body it has re-encoded"
    )


def test_a_secret_without_a_name_is_not_named() -> None:
    fault = app_fault(Verdict("valid", "It matches"), REFUSED)

    assert fault
    assert "hookcli has: your app" in fault.said


@pytest.mark.parametrize(
    ("name", "value", "todo"),
    [
        ("Server", "Werkzeug/3.1.3 Python/3.11.7", "Flask: request.get_data(), "),
        ("server", "WSGIServer/0.2 CPython/3.13.1", "Django: request.body, "),
        ("server", "uvicorn", "FastAPI, Starlette: await request.body(), "),
        ("X-Powered-By", "Express", "Express: express.raw("),
    ],
)
def test_what_to_do_is_said_in_the_words_of_its_framework(name: str, value: str, todo: str) -> None:
    fault = app_fault(RIGHT, replace(REFUSED, headers=Headers([(name, value)])))

    assert fault
    assert fault.todo.startswith(todo)


def test_of_another_one_all_are_named() -> None:
    fault = app_fault(RIGHT, replace(REFUSED, headers=Headers([("Server", "nginx")])))

    assert fault
    assert all(each in fault.todo for each in ("Flask", "Django", "FastAPI", "Express"))


@pytest.mark.parametrize(
    ("signature", "changes"),
    [
        (Verdict("mismatch", "It does not match"), {}),
        (Verdict("unchecked", "No secret"), {}),
        (UNSIGNED, {}),
        (RIGHT, {"status": 404}),
        (RIGHT, {"status": 500}),
        (RIGHT, {"status": 200}),
        (RIGHT, {"status": None, "error": "Nothing listens"}),
        (RIGHT, {"error": "It broke off"}),
        (RIGHT, {"endpoint": None, "kind": "answer"}),
    ],
)
def test_other_answers_have_other_reasons(signature: Verdict, changes: dict[str, Any]) -> None:
    assert app_fault(signature, replace(REFUSED, **changes)) is None
