"""`trigger` and `listen` agree on every sample, in programs of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from hookcli.sampling import SAMPLES
from hookcli.signatures.pairs import new_pair
from tests.end_to_end.support import LISTEN, Running, run

if TYPE_CHECKING:
    from pathlib import Path

PAIR = new_pair()
WHSEC = "whsec_" + b64encode(b"sixteen bytes ok").decode()
SECRETS = {
    **dict.fromkeys(("github", "stripe", "slack", "shopify", "gitlab", "linear", "twilio"), "abc"),
    "standard-webhooks": WHSEC,
    "svix": WHSEC,
    "discord": PAIR.private,
}


def accepting(folder: Path) -> Running:
    """Start a listener that takes nothing but what is signed rightly."""
    public = SECRETS | {"discord": PAIR.public}
    given = [word for name, value in public.items() for word in ("--secret", f"{name}={value}")]
    return Running(folder, *LISTEN, "--store", "memory", "--require-signature", *given)


@pytest.mark.slow
def test_a_listener_accepts_every_sample(tmp_path: Path) -> None:
    """It is found by itself, and what it gets is valid."""
    with accepting(tmp_path) as listener:
        assert listener.local_url
        for sample in SAMPLES:
            secret = f"{sample.provider}={SECRETS[sample.provider]}"
            done = run("trigger", sample.provider, sample.name, "--secret", secret)
            assert done.returncode == 0, done.stderr + done.stdout
            assert b"[valid]" in done.stdout

    records = [json.loads(line) for line in listener.out.read_text().splitlines()]
    assert {record["signature"]["code"] for record in records} == {"valid"}
    assert [name_of(record) for record in records] == [each.event for each in SAMPLES]


def name_of(record: dict[str, str]) -> str:
    """Return event and action of a record."""
    return ".".join(filter(None, (record["event"], record["action"])))


@pytest.mark.parametrize(("secret", "code"), [("abc", 0), ("other", 3)])
def test_the_exit_code_is_what_the_listener_thinks_of_it(
    tmp_path: Path, secret: str, code: int
) -> None:
    with accepting(tmp_path) as listener:
        done = run("trigger", "github", "--to", listener.local_url, "--secret", secret)

    assert done.returncode == code


def test_help_and_the_list_load_no_sample() -> None:
    """Of the whole program's, only `trigger` reads them."""
    program = (
        "import sys; from hookcli import cli; cli.run(['--help']); "
        "sys.exit(int('hookcli.sampling' in sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert done.returncode == 0
