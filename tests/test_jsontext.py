"""JSON is laid out for people, and put back on one line, with all its values as they were."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hookcli.jsontext import compact, laid_out

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_layout_changes_no_value(value: Any) -> None:
    """Neither way, and both ways lead back."""
    dense = json.dumps(value, separators=(",", ":"))

    assert json.loads(laid_out(dense)) == value
    assert compact(laid_out(dense)) == compact(json.dumps(value, indent=3)) == dense


def test_layout_reads_well() -> None:
    """One value a line; what is empty stays on one."""
    lines = laid_out('{"a":{"b":[1.10,{},[]]},"c":"x\\"{,"}').splitlines()

    assert lines == [
        "{",
        '  "a": {',
        '    "b": [',
        "      1.10,",
        "      {},",
        "      []",
        "    ]",
        "  },",
        '  "c": "x\\"{,"',
        "}",
    ]
