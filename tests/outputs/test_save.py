"""Payloads as files: whole, safe, and never over one another."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from datetime import UTC, datetime
from io import FileIO
from typing import TYPE_CHECKING, Any

import pytest

from hookcli.delivery import Attempt, Delivery, Headers
from hookcli.filenames import compile_template
from hookcli.outputs.save import Save

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

AT = datetime(2026, 11, 24, 22, 35, 1, 123456, tzinfo=UTC)
LARGE = [b'{"a":"', b"x" * 1_000_000, b"y" * 1_000_000, b'"}']


def make_delivery(body: bytes = b'{ "odd" : 1 }', event: str = "issues", **more: Any) -> Delivery:
    return Delivery(
        method="POST",
        path="/github",
        headers=Headers([("Host", "x"), ("Content-Type", "application/json")]),
        body=body,
        received_at=AT,
        provider="github",
        event=event,
        **{"id": 42, **more},
    )


def make_large(number: int = 42) -> Delivery:
    return make_delivery(b"", id=number, size=sum(map(len, LARGE)))


class Kept:
    """A store's bodies, and the notices about them."""

    def __init__(
        self, chunks: list[bytes] | None = None, error: BaseException | None = None
    ) -> None:
        self.notices: list[str] = []
        self._chunks = LARGE if chunks is None else chunks
        self._error = error

    async def body(self, _delivery: int) -> AsyncIterator[bytes]:
        """Yield the chunks of any delivery."""
        for chunk in self._chunks:
            yield chunk
        if self._error:
            raise self._error

    def notice(self, message: str, hint: str) -> None:
        """Note what a person would be told."""
        self.notices.append(f"{message} | {hint}")

    def save(self, folder: Path, template: str) -> Save:
        """Build the output under test."""
        return Save(compile_template(f"{folder}/{template}"), self.body, self.notice)


def files(folder: Path) -> dict[str, bytes]:
    """Return all files below `folder`, hidden ones too, but not the test's home."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def link(path: Path, to: Path) -> None:
    """Make `path` a symbolic link."""
    path.parent.mkdir()
    path.symlink_to(to)


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


async def test_the_bytes_are_written_as_they_came(out: Path) -> None:
    """A plain folder has one folder a day in it, and nothing is left beside the file."""
    save = Save(compile_template(str(out)), Kept().body, Kept().notice)
    await save.handle([make_delivery()])

    assert files(out) == {"2026-11-24/223501.123456-github-issues-none-42.json": b'{ "odd" : 1 }'}


async def test_attempts_are_not_saved(out: Path) -> None:
    await Kept().save(out, "{id}").handle([Attempt(kind="answer", started_at=AT, duration_ms=1)])

    assert files(out) == {}


async def test_nothing_is_overwritten(out: Path) -> None:
    """Neither files of this run nor of an earlier one."""
    await Kept().save(out, "{event}.json").handle([make_delivery(b"1")])
    await Kept().save(out, "{event}.json").handle([make_delivery(b"2"), make_delivery(b"3")])

    assert files(out) == {"issues.json": b"1", "issues-2.json": b"2", "issues-3.json": b"3"}


async def test_many_of_one_name_are_not_all_tried_again(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    real = os.link

    def counted(old: Path, new: Path) -> None:
        tried.append(new)
        real(old, new)

    monkeypatch.setattr(os, "link", counted)
    await Kept().save(out, "{event}.json").handle([make_delivery()] * 50)

    assert len(files(out)) == 50
    assert len(tried) == 50


async def test_a_request_is_saved_whole_as_http(out: Path) -> None:
    await Kept().save(out, "{id}.http").handle([make_delivery(b"{}")])

    assert files(out)["42.http"] == (
        b"POST /github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 2\r\n\r\n{}"
    )


async def test_a_large_body_is_streamed_from_the_store(out: Path) -> None:
    kept = Kept()
    await kept.save(out, "{id}{ext}").handle([make_large()])
    await kept.save(out, "{id}.http").handle([make_large()])

    saved = files(out)
    assert saved["42.json"] == b"".join(LARGE)
    assert saved["42.http"].endswith(b"\r\nContent-Length: 2000008\r\n\r\n" + b"".join(LARGE))
    assert len(saved) == 2


@pytest.mark.parametrize("chunks", [[], LARGE[:2]])
async def test_a_body_that_ends_early_leaves_no_file(out: Path, chunks: list[bytes]) -> None:
    kept = Kept(chunks)
    await kept.save(out, "{id}").handle([make_large()])

    assert files(out) == {}
    assert "#42 was not saved: the store no longer has its whole body" in kept.notices[0]


async def test_one_that_fails_does_not_stop_the_others(out: Path) -> None:
    kept = Kept()
    await kept.save(out, "{event}").handle([make_delivery(event="push")])
    entries = [make_delivery(event="push"), make_delivery(event="issues")]
    await kept.save(out, "{event}/{id}.json").handle(entries)

    assert set(files(out)) == {"push", "issues/42.json"}
    (notice,) = kept.notices
    assert notice.startswith("#42 was not saved: ")
    assert notice.endswith(
        "/push cannot be written to: it is no folder"
        " | It is kept all the same: hookcli show 42 --format body"
    )


class FullDisk:
    """A disk on which only so many bytes are left."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, left: int) -> None:
        self.left = left
        disk = self

        class File(FileIO):
            def write(self, data: Any) -> int:
                disk.left -= len(data)
                if disk.left < 0:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return super().write(data)

        def opened(path: Path, mode: str) -> FileIO:
            return File(path, mode)

        monkeypatch.setattr("pathlib.Path.open", opened)


@pytest.mark.parametrize("first", [make_delivery(id=1), make_large(1)])
async def test_a_full_disk_leaves_no_partial_file(
    out: Path, monkeypatch: pytest.MonkeyPatch, first: Delivery
) -> None:
    """The cause is told once, and once more when it is mended."""
    kept = Kept()
    save = kept.save(out, "{id}.json")
    disk = FullDisk(monkeypatch, left=12)
    await save.handle([first, make_large(2)])

    assert files(out) == {}
    assert len(kept.notices) == 1
    assert "#1 was not saved: No space left on device" in kept.notices[0]

    disk.left = 1_000
    await save.handle([make_delivery(id=3)])
    assert set(files(out)) == {"3.json"}
    assert "Saving works again; 2 deliveries were not saved" in kept.notices[1]


async def test_a_cancelled_save_leaves_no_partial_file(out: Path) -> None:
    kept = Kept(LARGE[:2], error=asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await kept.save(out, "{id}").handle([make_large()])

    assert files(out) == {}


async def test_without_hard_links_nothing_is_overwritten_either(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(_old: Path, _new: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)
    await Kept().save(out, "{event}").handle([make_delivery(b"1"), make_delivery(b"2")])

    assert files(out) == {"issues": b"1", "issues-2": b"2"}


async def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path, out: Path) -> None:
    link(out / "issues", tmp_path)
    kept = Kept()
    await kept.save(out, "{event}/{id}.json").handle([make_delivery()])

    assert files(tmp_path) == {}
    assert "is a link that leads out of" in kept.notices[0]


async def test_a_link_in_place_of_the_file_is_not_followed(tmp_path: Path, out: Path) -> None:
    link(out / "42", tmp_path / "target")
    await Kept().save(out, "{id}").handle([make_delivery(b"1")])

    assert files(tmp_path) == {"out/42-2": b"1"}


@pytest.mark.parametrize("event", ["../../x", "..", "/etc/passwd", "a\0b", "\x1b[31m", "e" * 300])
async def test_no_value_leads_out_of_the_folder(tmp_path: Path, out: Path, event: str) -> None:
    kept = Kept()
    await kept.save(out, "{event}/{event}-{id}{ext}").handle([make_delivery(event=event)])

    assert len(files(out)) == len(files(tmp_path)) == 1
    assert kept.notices == []


async def test_a_tilde_is_the_home_folder(home: Path) -> None:
    save = Save(compile_template("~/hooks/{id}.json"), Kept().body, Kept().notice)
    await save.handle([make_delivery()])

    assert set(files(home)) == {"hooks/42.json"}


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
async def test_files_have_the_permissions_that_the_user_gives_to_all(out: Path) -> None:
    before = os.umask(0o027)
    try:
        await Kept().save(out, "{id}").handle([make_delivery()])
    finally:
        os.umask(before)

    assert permissions(out / "42") == 0o640
