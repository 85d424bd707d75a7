"""What a store is to keep stands in the files, and no folder decides that for another's store."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookcli.config_files import own_path
from hookcli.errors import UsageError
from hookcli.limits import Limits, store_limits
from hookcli.settings import Key, Settings

pytestmark = pytest.mark.usefixtures("folder")

BOTH = '[store]\nmax_age = "30d"\nmax_size = "1GB"\n'
MONTH_S = 30 * 86_400


def found(text: str) -> None:
    """Put a hookcli.toml into the working folder."""
    Path("hookcli.toml").write_text(text, "utf-8")


def own(text: str) -> None:
    """Put a config.toml where the user's own one is."""
    own_path().parent.mkdir(parents=True, exist_ok=True)
    own_path().write_text(text, "utf-8")


def limits(store: str | None = None) -> Limits:
    """Return what this store is to keep."""
    return store_limits(Settings(("listen",)), store)


def test_without_files_all_is_kept() -> None:
    assert limits() == Limits()


def test_one_s_own_file_speaks_of_every_store() -> None:
    """Of the one in the data folder too, which has no name."""
    own(BOTH)

    expected = Limits(MONTH_S, 1 << 30, ("max_age 30d", "max_size 1GB"))
    assert limits() == limits("sqlite:x.db") == limits("memory") == expected


def test_numbers_need_no_quotes() -> None:
    """They are seconds, and bytes."""
    own("[store]\nmax-age = 3600\nmax_size = 2000000\n")

    assert limits() == Limits(3600, 2_000_000, ("max_age 3600", "max_size 2000000"))


def test_a_file_that_names_its_store_speaks_of_that_one(folder: Path) -> None:
    """However the store that is used is written."""
    found(f'{BOTH}url = "sqlite:./hooks.db"\n')

    names = ("sqlite:hooks.db", f"sqlite:{folder}/hooks.db", f"sqlite://{folder}/hooks.db")
    assert [limits(name).max_age_s for name in names] == [MONTH_S] * 3
    assert limits() == limits("sqlite:other.db") == limits("memory") == Limits()


def test_the_nearer_file_wins_key_by_key() -> None:
    own(BOTH)
    found('[store]\nurl = "sqlite:hooks.db"\nmax_age = "7d"\n')

    assert limits("sqlite:hooks.db") == Limits(7 * 86_400, 1 << 30, ("max_age 7d", "max_size 1GB"))
    assert limits("sqlite:other.db").max_age_s == MONTH_S


def test_a_folder_s_file_removes_nothing_from_one_s_own_store() -> None:
    """A clone that set a minute would empty it."""
    found('[store]\nmax_age = "1m"\n')

    with pytest.raises(UsageError, match=r"\[store\] max_age: of which store\?") as caught:
        limits()
    assert "url" in caught.value.hint


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('max_age = "30 days"', r"\[store\] max_age: '30 days' is not a duration"),
        ('max_age = "30s"', r"\[store\] max_age is too little"),
        ('max_size = "much"', r"\[store\] max_size: 'much' is not a size"),
        ('max_size = "100K"', r"\[store\] max_size is too little"),
        ("max_size = true", r"\[store\] max_size is neither a text nor a number"),
        ('max_aeg = "30d"', r"\[store\] max_aeg is no key"),
    ],
)
def test_what_is_no_limit_is_an_error_that_says_where(setting: str, said: str) -> None:
    """One that is tiny is a slip, which would remove everything."""
    own(f"[store]\n{setting}\n")

    with pytest.raises(UsageError, match=said) as caught:
        limits()
    assert caught.value.hint


def test_other_commands_take_the_store_of_such_a_file(folder: Path) -> None:
    """And do not mind what it keeps; a file with limits alone names no store."""
    found(f'{BOTH}url = "sqlite:hooks.db"\n')
    given = Settings(("list",)).of("list", {"store": Key(path="sqlite:")})
    own(BOTH)
    Path("hookcli.toml").unlink()

    assert given["store"].value == f"sqlite:{folder}/hooks.db"
    assert Settings(("list",)).of("list", {"store": Key(path="sqlite:")}) == {}
