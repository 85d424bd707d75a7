"""Which deliveries are shown, saved and counted."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hookcli.records import delivery_record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from hookcli.delivery import Delivery


class Choice:
    """All deliveries, or those of some events for which an expression holds."""

    def __init__(self, events: Sequence[str], where: str | None) -> None:
        """Choose by globs over events and by a jq expression.

        Raises UsageError where that does not compile.
        """
        self.events = events
        """The globs; none for all."""
        self.named = (*events, *([where] if where else []))
        """What they are chosen by, for a person."""
        self._notice: Callable[[str, str], None] | None = None
        self._matches_event: Callable[[Delivery], bool] | None = None
        self._matches_record: Callable[[dict[str, Any]], bool] | None = None
        if self.named:
            # jq costs a seventh of the start: only who chooses pays it.
            where_ = import_module("hookcli.where")
            self._matches_event = where_.event_matcher(events) if events else None
            self._matches_record = where_.compile_where(where, self._note) if where else None

    def told_to(self, notice: Callable[[str, str], None]) -> None:
        """Say, through `notice(message, hint)`, when the expression fails on a record."""
        self._notice = notice

    async def picks(self, delivery: Delivery, body: Callable[[Delivery], Awaitable[bytes]]) -> bool:
        """Return whether the delivery is one of them; `body` gives the whole of its body."""
        if self._matches_event is not None and not self._matches_event(delivery):
            return False
        if self._matches_record is None:
            return True
        return self._matches_record(delivery_record(delivery, await body(delivery)))

    def _note(self, message: str, hint: str) -> None:
        if self._notice is not None:
            self._notice(message, hint)
