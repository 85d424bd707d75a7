"""The files are found where they should be, and none of them can harm or hold up anybody."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest

from hookcli import config_files as module
from hookcli.config_files import config_files, harmless, own_path, shown
from hookcli.errors import UsageError

TEXT = "[listen]\nport = 1\n"


def write(path: Path, text: str = TEXT) -> Path:
    """Put a text into a file, in a folder that is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def refused() -> UsageError:
    """Return what is said of a file that cannot be used."""
    with pytest.raises(UsageError) as caught:
        config_files()
    assert caught.value.hint
    return caught.value


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a working folder, two below the one that is returned."""
    top = tmp_path / "top"
    (top / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(top / "a" / "b")
    return top


def test_without_files_there_is_nothing() -> None:
    assert config_files() == []


def test_the_nearest_one_upwards_is_found_and_then_the_user_s_own(folder: Path) -> None:
    """Only one of those above; which are the user's own is known."""
    write(folder / "hookcli.toml")
    near = write(folder / "a" / "hookcli.toml")
    own = write(own_path())

    files = config_files()

    assert [(file.path, file.found) for file in files] == [(near, True), (own, False)]
    assert files[0].content == {"listen": {"port": 1}}


def test_one_in_the_working_folder_comes_before_its_parents(folder: Path) -> None:
    write(folder / "a" / "hookcli.toml")
    here = write(folder / "a" / "b" / "hookcli.toml")

    assert [file.path for file in config_files()] == [here]


def test_a_byte_order_mark_is_passed_over() -> None:
    """Windows' editors write one."""
    write(Path("hookcli.toml"), "\ufeff" + TEXT)

    assert config_files()[0].content == {"listen": {"port": 1}}


@pytest.mark.parametrize(
    "text",
    ["[listen", "port = ", "a = 1\na = 2", "x = " + "[" * 9_000, "n = " + "9" * 5_000, "\0"],
    ids=["table", "value", "twice", "deep", "number", "nul"],
)
def test_what_is_not_toml_is_an_error_that_names_the_file(text: str) -> None:
    """Whatever the reader of TOML makes of it."""
    write(Path("hookcli.toml"), text)

    assert refused().message.startswith("./hookcli.toml is not TOML: ")


def test_what_is_not_utf_8_is_an_error_that_names_the_file() -> None:
    Path("hookcli.toml").write_bytes(b"# \xff\n")

    assert refused().message.startswith("./hookcli.toml is not TOML: ")


def test_a_huge_file_is_not_read() -> None:
    write(Path("hookcli.toml"), "# " + "x" * 300_000)

    assert refused().message == "./hookcli.toml is larger than 256 KiB"


def test_a_folder_of_that_name_is_an_error() -> None:
    Path("hookcli.toml").mkdir()

    assert refused().message.startswith("./hookcli.toml ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_of_that_name_holds_nobody_up() -> None:
    """Opening it would wait for a writer that never comes."""
    os.mkfifo("hookcli.toml")

    assert refused().message == "./hookcli.toml is no file"


def test_a_link_to_nowhere_is_an_error() -> None:
    """Rather than a file further up that was not meant."""
    Path("hookcli.toml").symlink_to("gone.toml")

    assert refused().message == "./hookcli.toml cannot be read: No such file or directory"


def test_a_stranger_s_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that lies in /tmp would else send away the deliveries of all who work below."""
    write(Path("hookcli.toml"))
    monkeypatch.setattr(module, "_trusted", lambda: {4_000_000})

    assert refused().message.startswith("./hookcli.toml belongs to another user")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() > 0, reason="only root gives away")
def test_whose_folder_one_works_in_is_no_stranger(folder: Path) -> None:
    """As in a container, where the checkout belongs to a user of the host."""
    os.chown(write(folder / "hookcli.toml"), 4_000_000, -1)

    strange = refused()
    os.chown(folder / "a" / "b", 4_000_000, -1)

    assert "another user" in strange.message
    assert len(config_files()) == 1


def test_a_link_of_a_stranger_is_refused_wherever_it_leads(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both the link and the file have to be trusted."""
    seen: list[set[int]] = []
    monkeypatch.setattr(module, "_refuse_foreign", lambda _, owners: seen.append(owners))
    Path("hookcli.toml").symlink_to(write(folder / "other.toml"))

    config_files()

    assert seen == [{Path("hookcli.toml").lstat().st_uid, (folder / "other.toml").stat().st_uid}]


def test_the_user_s_own_file_may_be_anybody_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is, only the user could put it."""
    write(own_path())
    monkeypatch.setattr(module, "_trusted", set)

    assert len(config_files()) == 1


def test_a_working_folder_that_is_gone_has_no_file(folder: Path) -> None:
    """It is no reason to fail."""
    (folder / "a" / "b").rmdir()

    assert config_files() == []


def test_the_user_s_own_file_is_where_platforms_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Linux without asking platformdirs, and yet in its place."""
    for folder in ("", " ", "/etc/mine"):
        monkeypatch.setenv("XDG_CONFIG_HOME", folder)
        path = platformdirs.user_config_path("hookcli", appauthor=False)

        assert own_path() == path / "config.toml"


def test_a_path_is_shown_as_a_person_writes_it(folder: Path, home: Path) -> None:
    assert shown(folder / "a" / "b" / "hookcli.toml") == "./hookcli.toml"
    assert shown(home / ".config" / "x") == "~/.config/x"
    assert shown(folder / "hookcli.toml") == str(folder / "hookcli.toml")


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("/work/hooks/x.json", True),
        ("/work/.hooks/.x", True),
        ("/work/.gitignored", True),
        ("/work", True),
        ("/works/x", False),
        ("/x", False),
        ("/work/.git", False),
        ("/work/sub/.Git/hooks/x", False),
        ("/work/.g\u200cit/config", False),
        ("/work/\u00e9/x", True),
    ],
)
def test_a_path_is_harmless_below_the_folder_and_outside_of_git_s_own(
    path: str, safe: bool
) -> None:
    assert harmless(Path(path), Path("/work")) is safe
