"""The options of the commands that watch become a wish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hookcli.errors import UsageError
from hookcli.options import command
from hookcli.watch_options import saving_options, showing_options, stopping_options, watch_wish

if TYPE_CHECKING:
    from hookcli.watching import WatchWish


@command("try")
@showing_options
@saving_options
@stopping_options
def sample(**given: Any) -> WatchWish:
    """Try it."""
    return watch_wish(given)


def wished(*arguments: str) -> WatchWish:
    """Return what these arguments ask for."""
    wish: WatchWish = sample.main(list(arguments), standalone_mode=False)
    return wish


def test_without_options_all_is_shown_until_it_is_stopped() -> None:
    """In the form that suits stdout."""
    wish = wished()

    assert (wish.form, wish.color, wish.choice.named) == (None, "auto", ())
    assert (wish.save, wish.execute, wish.count, wish.timeout_s) == (None, None, None, None)
    assert not wish.check


def test_every_option_is_heard() -> None:
    wish = wished(
        *("--format", "body", "--where", ".size", "-e", "push", "--event", "issues.*"),
        *("--color", "never", "--save", "hooks", "--exec", "sh -c 'cat >f'"),
        *("-n", "3", "--timeout", "2m", "--check"),
    )

    assert (wish.form, wish.color) == ("body", "never")
    assert wish.choice.named == ("push", "issues.*", ".size")
    assert wish.save is not None
    assert wish.save.folder == "hooks/"
    assert wish.execute == ("sh", "-c", "cat >f")
    assert (wish.count, wish.timeout_s, wish.check) == (3, 120, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "json"), "--format: there is no 'json'"),
        (("--where", ".payload =="), "where"),
        (("--save", "hooks/{evnt}"), "evnt"),
        (("--exec", "sh -c 'cat"), "--exec: "),
        (("--exec", "no-such-program"), "--exec: there is no program 'no-such-program'"),
        (("--count", "0"), "--count: '0' is not a number from 1 on"),
        (("--timeout", "never"), "--timeout: "),
    ],
)
def test_what_is_wrong_is_named(arguments: tuple[str, ...], message: str) -> None:
    """Before anything is opened."""
    with pytest.raises(UsageError) as caught:
        wished(*arguments)

    assert message in caught.value.message
