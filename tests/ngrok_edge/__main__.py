"""The edge as a program: `python -m tests.ngrok_edge --dir DIR`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from tests.ngrok_edge.edge import NgrokEdge
from tests.ngrok_edge.errors import AUTH_ERRORS, BIND_ERRORS


async def serve(args: argparse.Namespace) -> None:
    """Run the edge until SIGINT or SIGTERM; SIGUSR1 drops every agent."""
    edge = NgrokEdge(
        args.dir,
        domain=args.domain,
        static_domain=args.static_domain,
        authtoken=args.authtoken,
        interstitial=args.interstitial,
    )
    edge.fail_auth.set(args.fail_auth)
    edge.fail_bind.set(args.fail_bind)
    edge.stalled = args.stall
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    loop.add_signal_handler(signal.SIGUSR1, edge.drop_sessions)
    async with edge:
        sys.stdout.write((edge.dir / "ready.json").read_text() + "\n")
        sys.stdout.flush()
        await stopping.wait()


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.ngrok_edge", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="certificates, configs, ready.json")
    parser.add_argument("--domain", default="ngrok-free.app", help="of random and sub-domain names")
    parser.add_argument("--static-domain", metavar="HOST", help="given to binds asking for no name")
    parser.add_argument("--authtoken", help="accept only this one (default: any, even none)")
    parser.add_argument("--fail-auth", metavar="CODE", help=f"e.g. {', '.join(AUTH_ERRORS)}")
    parser.add_argument("--fail-bind", metavar="CODE", help=f"e.g. {', '.join(BIND_ERRORS)}")
    parser.add_argument("--stall", action="store_true", help="accept agents but never answer")
    parser.add_argument("--interstitial", action="store_true", help="browser warning page")
    parser.add_argument("-v", "--verbose", action="store_true", help="log every RPC")
    args = parser.parse_args()
    logging.basicConfig(
        level=logging.DEBUG if args.verbose else logging.INFO,
        format="%(asctime)s %(name)s %(message)s",
    )
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    asyncio.run(serve(args))


if __name__ == "__main__":
    main()
