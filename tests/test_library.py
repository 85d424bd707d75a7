"""What `import hookcli` gives to programs, without a store, a loop or a network."""

from __future__ import annotations

import subprocess
import sys

import pytest

import hookcli
from hookcli import Delivery, Headers

HEAVY = {"aiohttp", "asyncio", "click", "jq", "pyngrok", "rich", "sqlite3"}


def loaded_by(program: str) -> set[str]:
    """Return the modules that a program has loaded at its end."""
    program += "; import sys; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return set(ended.stdout.decode().split())


def test_signs_verifies_and_detects() -> None:
    headers = Headers([("X-GitHub-Event", "push")])
    delivery = Delivery(method="POST", path="/", headers=headers, body=b"{}")

    signed = hookcli.sign(delivery, "secret")

    assert hookcli.detect(signed) == "github"
    assert hookcli.verify(signed, "secret").code == "valid"
    assert isinstance(hookcli.verify(signed, ["a", "b"]), hookcli.Verdict)


def test_offers_what_it_says_and_nothing_else() -> None:
    assert sorted(hookcli.__all__) == [
        "Delivery",
        "Headers",
        "Verdict",
        "detect",
        "sign",
        "verify",
    ]
    with pytest.raises(AttributeError, match="no attribute 'replay'"):
        _ = hookcli.replay


def test_the_commands_do_not_wait_for_the_library() -> None:
    modules = loaded_by("import hookcli")

    assert not [name for name in modules if name.startswith("hookcli.")]


def test_the_library_loads_nothing_that_it_does_not_need() -> None:
    """Not even what public keys need, until one is met."""
    modules = loaded_by("from hookcli import sign, verify, detect")

    assert modules & (HEAVY | {"cryptography"}) == set()
