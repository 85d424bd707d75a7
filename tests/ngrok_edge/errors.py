"""What ngrok's service says when it refuses, as seen in public bug reports."""

from __future__ import annotations

AUTH_ERRORS = {
    "ERR_NGROK_105": (
        "The authtoken you specified does not look like a proper ngrok tunnel authtoken.\n"
        "Your authtoken: {authtoken}\n"
        "Instructions to install your authtoken are on your ngrok dashboard:\n"
        "https://dashboard.ngrok.com/get-started/your-authtoken"
    ),
    "ERR_NGROK_107": (
        "The authtoken you specified is properly formed, but it is invalid.\n"
        "Your authtoken: {authtoken}\n"
        "This usually happens when:\n"
        "    - You reset your authtoken\n"
        "    - Your authtoken was for a team account that you were removed from\n"
        "    - You are using ngrok link and this credential was explicitly revoked\n"
        "\n"
        "Go to your ngrok dashboard and double check that your authtoken is correct:\n"
        "https://dashboard.ngrok.com/get-started/your-authtoken"
    ),
    "ERR_NGROK_108": (
        "Your account is limited to 1 simultaneous ngrok agent sessions.\n"
        "You can run multiple simultaneous tunnels from a single agent session by defining the "
        "tunnels in your agent configuration file and starting them with the command "
        "`ngrok start --all`.\n"
        "Read more about the agent configuration file: "
        "https://ngrok.com/docs/secure-tunnels/ngrok-agent/reference/config\n"
        "You can view your current agent sessions in the dashboard:\n"
        "https://dashboard.ngrok.com/tunnels/agents"
    ),
    "ERR_NGROK_121": (
        'Your ngrok-agent version "{version}" is too old. The minimum supported agent version '
        'for your account is "3.99.0". Please update to a newer version with `ngrok update`, by '
        "downloading from https://ngrok.com/download, or by updating your SDK version. Paid "
        "accounts are currently excluded from minimum agent version requirements. To begin "
        "handling traffic immediately without updating your agent, upgrade to a paid plan: "
        "https://dashboard.ngrok.com/billing/subscription."
    ),
    "ERR_NGROK_4018": (
        "Usage of ngrok requires a verified account and authtoken.\n\n"
        "Sign up for an account: https://dashboard.ngrok.com/signup\n"
        "Install your authtoken: https://dashboard.ngrok.com/get-started/your-authtoken"
    ),
}

BIND_ERRORS = {
    "ERR_NGROK_313": (
        "Custom subdomains are a feature on ngrok's paid plans.\n"
        "Failed to bind the custom subdomain '{host}' for the account 'Edge Emulator'.\n"
        "This account is on the 'Free' plan.\n\n"
        "Upgrade to a paid plan at: https://dashboard.ngrok.com/billing/subscription"
    ),
    "ERR_NGROK_324": (
        "Your account may not run more than 3 endpoints over a single ngrok agent session.\n"
        "The endpoints already running on this session are:\n{tunnels}"
    ),
    "ERR_NGROK_334": (
        "The endpoint '{url}' is already online. Either\n"
        "1. stop your existing endpoint first, or\n"
        "2. start both endpoints with `--pooling-enabled` to load balance between them."
    ),
}


def error_text(table: dict[str, str], code: str, **fields: str) -> str:
    """Return the full text of an error code, ending as ngrok ends it."""
    message = table.get(code, f"Emulated failure {code}.")
    return f"{message.format(**fields)}\r\n\r\n{code}\r\n"


class Failure:
    """A failure knob: an error code, given out for ever or a number of times."""

    def __init__(self) -> None:
        self.code: str | None = None
        self.left: int | None = None

    def set(self, code: str | None, times: int | None = None) -> None:
        """Refuse with `code` from now on, or so many times; None: no longer."""
        self.code, self.left = code or None, times

    def take(self) -> str | None:
        """Return the code for the request at hand, None where it may pass."""
        code = self.code
        if code and self.left is not None:
            self.left -= 1
            if self.left <= 0:
                self.code = None
        return code
