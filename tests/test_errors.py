"""What goes wrong is said in two parts, and a fault of hookcli's own as one."""

from __future__ import annotations

from hookcli.errors import HookError, UsageError, unexpected


def test_a_fault_of_our_own_is_named_and_asked_to_be_reported() -> None:
    """The person did nothing wrong, and can do nothing about it but tell."""
    error = unexpected("ValueError: odd")

    assert error.message == "Unexpected ValueError: odd"
    assert "HOOKCLI_DEBUG=1" in error.hint
    assert "report" in error.hint


def test_wrong_usage_is_told_apart_by_the_exit_code() -> None:
    codes = [kind("what happened", "what to do").exit_code for kind in (HookError, UsageError)]

    assert codes == [1, 2]
