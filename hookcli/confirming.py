"""Confirms subscriptions at SNS, for who asked hookcli to: one GET of a URL that it sent."""

from __future__ import annotations

import asyncio
import re
import ssl
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from hookcli.handshake_replies import may_confirm, topic
from hookcli.text import escape, word

if TYPE_CHECKING:
    from collections.abc import Callable

_AT_ONCE = 4
"""Confirmations under way; further ones are left to the person."""
_READ = 4096
"""Bytes of an answer that are looked at."""
_LONGEST = 200
_OPEN = "Open its SubscribeURL yourself: hookcli show --format body | jq -r .SubscribeURL"


class Confirming:
    """Confirms subscriptions one by one, and tells what came of each."""

    def __init__(
        self,
        *,
        say: Callable[[str, str | None], object],
        allowed: Callable[[str], bool] = may_confirm,
        timeout_s: float = 10.0,
    ) -> None:
        """`say` is told what happened, and what to do; only `allowed` URLs are fetched."""
        self._say = say
        self._allowed = allowed
        self._timeout_s = timeout_s
        self._under_way = 0

    async def confirm(self, url: str) -> None:
        """Fetch the URL of a handshake. No redirect is followed, and nothing is raised."""
        if not self._allowed(url):
            self._say(f"Not confirmed, as this is no URL of SNS: {word(url[:_LONGEST])}", None)
            return
        if self._under_way >= _AT_ONCE:
            self._say(f"Not confirmed, as too many come at once: {topic(url)}", _OPEN)
            return
        self._under_way += 1
        try:
            trouble = await self._trouble(url)
        finally:
            self._under_way -= 1
        if trouble:
            self._say(f"SNS did not confirm {topic(url)}: {trouble}", _OPEN)
        else:
            self._say(f"Confirmed at SNS: {topic(url)}", None)

    async def _trouble(self, url: str) -> str | None:
        # Made off the loop: it reads files.
        trust = await asyncio.to_thread(ssl.create_default_context)
        try:
            async with (
                aiohttp.ClientSession(
                    trust_env=True,
                    timeout=aiohttp.ClientTimeout(total=self._timeout_s),
                    headers={"User-Agent": "hookcli"},
                ) as session,
                session.get(URL(url, encoded=True), ssl=trust, allow_redirects=False) as response,
            ):
                if response.status == 200:
                    return None
                return f"it answered {response.status}{_words(await response.content.read(_READ))}"
        except TimeoutError:
            return f"no answer within {self._timeout_s:g} s"
        except (aiohttp.ClientError, ValueError) as error:
            return escape(str(error))[:_LONGEST] or type(error).__name__


def _words(body: bytes) -> str:
    """Return what SNS says in its answer, behind a comma."""
    found = re.search(rb"<Message>([^<]{1,200})</Message>", body)
    return f", {escape(found[1].decode('utf-8', 'replace'))}" if found else ""
