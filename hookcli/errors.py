"""What went wrong, said to a person: what happened, then what to do."""


class HookError(Exception):
    """It failed. Printed as `Error: message` and `Hint: hint`, on standard error."""

    exit_code = 1
    """With what the process ends."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def unexpected(what: str) -> HookError:
    """Return what is said of a fault of hookcli's own."""
    return HookError(
        f"Unexpected {what}",
        "Run it again with HOOKCLI_DEBUG=1 to see where, and please report that",
    )


class UsageError(HookError):
    """The command line is wrong."""

    exit_code = 2
