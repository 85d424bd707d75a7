"""Every format says what it needs to, and harms no terminal."""

from __future__ import annotations

import ast

import pytest

from hookcli.delivery import Delivery, Headers, Verdict
from hookcli.exporters import EXPORTERS
from hookcli.exporting.items import Item
from hookcli.text import escape

HOSTILE = "\x1b[2J\u202e\x9b\xff'\"$(id)`id`\\"


@pytest.mark.parametrize("form", EXPORTERS)
def test_what_was_received_cannot_act_on_a_terminal(form: str) -> None:
    delivery = Delivery(
        method="POST",
        path=f"/{HOSTILE}",
        query=HOSTILE,
        headers=Headers([("A", HOSTILE), ("Host", HOSTILE)]),
        body=HOSTILE.encode() + b"\0\xff\n",
        provider=HOSTILE,
        event=HOSTILE,
        signature=Verdict("unchecked", "Signed"),
        id=1,
    )
    exporter = EXPORTERS[form]

    text = exporter.head([HOSTILE], None) + exporter.write(Item(delivery)) + exporter.tail

    assert escape(text, keep_newline=True) == text
    if form in {"python", "pytest"}:
        ast.parse(text)


def test_what_is_shared_is_redacted() -> None:
    """What is run at once is not."""
    assert [name for name, exporter in EXPORTERS.items() if exporter.redacts] == ["har", "pytest"]
