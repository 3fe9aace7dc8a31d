"""Whole-app protection: every path needs somebody signed in, but for those that are named."""

from vestibule.session.config import Config
from vestibule.session.globs import Globs

# What every app answers to strangers: its files, and whoever asks whether it is alive.
ALWAYS_PUBLIC = (
    "/static/:path*",
    "/assets/:path*",
    "/.well-known/:path*",
    "/favicon.ico",
    "/robots.txt",
    "/health",
    "/healthz",
    "/livez",
    "/readyz",
)


class Protection:
    """Our own routes do not come here: they are public by nature."""

    def __init__(self, config: Config) -> None:
        self._public = Globs((*ALWAYS_PUBLIC, *config.public_paths))
        self._sign_up = Globs(config.sign_up_paths)

    def is_public(self, path: str) -> bool:
        return self._public.match(path)

    def sign_in_page(self, path: str) -> str:
        """Where a stranger begins who comes here: `sign-up` on the paths named for it, else `sign-in`."""
        return "sign-up" if self._sign_up.match(path) else "sign-in"
