"""Blocking work beside the event loop, for as long as it takes."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


async def aside(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run it on a thread of its own, and return or raise what it does.

    Unlike `asyncio.to_thread` it takes no place of others, and does not hold up the program's end.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - raised again where it is awaited
            tell(fail, error)
        else:
            tell(succeed, result)

    def tell(how: Callable[[Any], None], what: Any) -> None:
        try:
            loop.call_soon_threadsafe(how, what)
        except RuntimeError:
            # The loop has ended, and with it whoever waited.
            return

    def succeed(result: T) -> None:
        if not outcome.done():
            outcome.set_result(result)

    def fail(error: Exception) -> None:
        if not outcome.done():
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return await outcome
