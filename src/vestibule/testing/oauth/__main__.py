"""A provider in a process of its own, for apps in any language: `python -m vestibule.testing.oauth`."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from typing import TextIO, get_args

from vestibule.testing.oauth.dialects import Kind
from vestibule.testing.oauth.provider import TestProvider


def serve_until(stopped: threading.Event, given: Sequence[str], out: TextIO) -> None:
    """Says on `out` where it is, and what an app there is called."""
    asked = _arguments().parse_args(given)
    provider = TestProvider(
        asked.kind,
        client_id=asked.client_id,
        client_secret=asked.client_secret,
        redirect_uris=asked.redirect_uri,
    )
    for email in asked.person:
        provider.person(email)
    with provider.serving(port=asked.port) as url:
        told = [("address", url), ("client_id", provider.client_id)]
        told += [("client_secret", provider.client_secret), *provider.dialect.addresses(url).items()]
        for name, value in told:
            out.write(f"{name:<15}{value}\n")
        out.flush()
        stopped.wait()


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m vestibule.testing.oauth", description=__doc__)
    parser.add_argument("kind", nargs="?", default="oidc", choices=get_args(Kind))
    parser.add_argument("--port", type=int, default=0, help="a free one, if it is not given")
    parser.add_argument("--client-id", default="test-app")
    parser.add_argument("--client-secret", help="made up, if it is not given")
    parser.add_argument("--redirect-uri", action="append", default=[], help="all, if none is given")
    parser.add_argument("--person", action="append", default=[], metavar="EMAIL", help="Ada, if nobody is")
    return parser


def main() -> None:  # pragma: no cover - runs in a process of its own
    """Until it is stopped."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    serve_until(stopped, sys.argv[1:], sys.stdout)


if __name__ == "__main__":  # pragma: no cover
    main()
