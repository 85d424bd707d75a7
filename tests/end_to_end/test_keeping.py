"""What arrived is kept, byte for byte, and comes out again; and what happens where it cannot be."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.support import (
    ISSUE,
    ISSUE_HEADERS,
    LISTEN,
    Running,
    post,
    run,
    until,
)

if TYPE_CHECKING:
    from pathlib import Path

ODD = b'{ "odd" :\t"spacing", "caf\xe9": "\xff" }\r\n'


def test_githubs_example_by_curl_from_end_to_end(tmp_path: Path) -> None:
    """Sent by curl, named, saved, shown: the same bytes everywhere."""
    curl = shutil.which("curl")
    if not curl:
        pytest.skip("curl is not installed")
    store = f"sqlite:{tmp_path / 'hooks.db'}"
    save = str(tmp_path / "saved" / "{event}-{action}-{delivery_id}{ext}")
    with Running(tmp_path, *LISTEN, "--store", store, "--save", save, "--count", "1") as hookcli:
        headers = [part for pair in ISSUE_HEADERS.items() for part in ("-H", ": ".join(pair))]
        url = hookcli.local_url + "/payload"
        answer = subprocess.run(
            [curl, "-sS", *headers, "--data-binary", "@-", url],
            input=ISSUE,
            stdout=subprocess.PIPE,
            check=True,
        )
        code = hookcli.ends()
    shown = run("show", "--format", "body", "--store", store)
    listed = run("list", "--store", store)

    assert (answer.stdout, code) == (b"ok", 0)
    name = "issues-opened-72d3162e-cc78-11e3-81ab-4c9367dc0958.json"
    assert (tmp_path / "saved" / name).read_bytes() == ISSUE
    assert shown.stdout == ISSUE
    assert b'"delivery_id":"72d3162e-cc78-11e3-81ab-4c9367dc0958"' in listed.stdout


def test_a_body_that_is_no_text_comes_out_as_it_went_in(tmp_path: Path) -> None:
    """Odd spacing, a broken encoding, a large body: `show --format body` gives the bytes."""
    store = f"sqlite:{tmp_path / 'hooks.db'}"
    large = bytes(range(256)) * 12_000
    with Running(tmp_path, *LISTEN, "--store", store) as hookcli:
        for body in (ODD, large):
            post(hookcli.local_url, body, {"Content-Type": "application/json"})

    assert run("show", "1", "--format", "body", "--store", store).stdout == ODD
    assert run("show", "2", "--format", "body", "--store", store).stdout == large


def test_a_port_in_use_says_so(tmp_path: Path) -> None:
    """Exit 1, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run("listen", port, "--tunnel", "none", "--store", f"sqlite:{tmp_path / 'a.db'}")

    assert ended.returncode == 1
    assert ended.stderr.startswith(b"Error: ") or b"\nError: " in ended.stderr
    assert port.encode() in ended.stderr
    assert b"Hint: " in ended.stderr


def test_a_port_that_another_hookcli_has(tmp_path: Path) -> None:
    """The hint leads to the one that runs, instead of another port only."""
    with Running(tmp_path, *LISTEN) as hookcli:
        port = hookcli.local_url.rpartition(":")[2]
        ended = run("listen", port, "--tunnel", "none")

    assert ended.returncode == 1
    assert b"hookcli" in ended.stderr
    assert b"hookcli status" in ended.stderr


def test_url_and_status_find_the_one_that_runs(tmp_path: Path) -> None:
    """Another terminal learns where it listens; and, after its end, that none does."""
    with Running(tmp_path, *LISTEN) as hookcli:
        url = hookcli.local_url
        found = until(lambda: run("url", "--local").stdout, "the running listener")
        status = run("status", "--json")
        hookcli.interrupt()
        hookcli.ends()
    gone = run("url", "--local")

    assert found.decode().strip() == url
    assert url.encode() in status.stdout
    assert gone.returncode == 1
    assert gone.stderr.startswith(b"Error: ")


@pytest.mark.slow
def test_a_store_that_is_locked_refuses_and_recovers(tmp_path: Path) -> None:
    """503 and the reason while nothing can be kept; 200 again afterwards, without a restart."""
    path = tmp_path / "hooks.db"
    with Running(tmp_path, *LISTEN, "--store", f"sqlite:{path}") as hookcli:
        url = hookcli.local_url
        first = post(url)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = post(url)
        again = post(url)

        assert (first, refused, again) == (200, 503, 200)
        assert "503" in hookcli.err.read_text()


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A listener that can keep nothing does not start: exit 1, and the path is named."""
    path = tmp_path / "hooks.db"
    path.write_bytes(b"this is no database\n" * 100)
    ended = run(*LISTEN, "--store", f"sqlite:{path}")

    assert ended.returncode == 1
    assert b"hooks.db" in ended.stderr
    assert b"Traceback" not in ended.stderr
    assert path.read_bytes() == b"this is no database\n" * 100
