"""hookcli: receive, keep and understand webhooks from your terminal."""

from __future__ import annotations

TYPE_CHECKING = False
"""As `typing` has it, whose import `hookcli --version` need not wait for."""

if TYPE_CHECKING:
    from hookcli.delivery import Delivery, Headers, Verdict
    from hookcli.signatures.verifying import detect, sign, verify

__all__ = ["Delivery", "Headers", "Verdict", "detect", "sign", "verify"]

__version__ = "0.1.0"

_HOMES = {
    **dict.fromkeys(("Delivery", "Headers", "Verdict"), "hookcli.delivery"),
    **dict.fromkeys(("detect", "sign", "verify"), "hookcli.signatures.verifying"),
}


def __getattr__(name: str) -> object:
    """Import what the library offers when it is asked for: the commands must not wait for it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - nor for this

    found: object = getattr(import_module(_HOMES[name]), name)
    return found
