"""Which pages of other origins may call the package's own routes with cookies: the trusted ones.

The app's own routes are the app's to open (Starlette's CORSMiddleware, Flask-CORS).
"""

from vestibule.session.config import Config
from vestibule.session.incoming import Incoming
from vestibule.session.reply import Reply

ONE_HOUR = 3600


def cors_headers(incoming: Incoming, config: Config) -> list[tuple[str, str]]:
    """On every answer of our own, errors included, or the page could not read why it failed."""
    vary = ("Vary", "Origin")
    if not _trusted(incoming, config):
        return [vary] if config.trusted_origins else []
    allowed = ("Access-Control-Allow-Origin", incoming.headers["origin"])
    return [allowed, ("Access-Control-Allow-Credentials", "true"), vary]


def preflight(
    incoming: Incoming, config: Config, methods: tuple[str, ...], *, headers: str = "content-type"
) -> Reply | None:
    """The answer to a browser that asks before it sends; None when nobody asked who may."""
    asks = incoming.method == "OPTIONS" and "access-control-request-method" in incoming.headers
    if not asks or not _trusted(incoming, config):
        return None
    return Reply(
        204,
        (
            ("Access-Control-Allow-Methods", ", ".join(methods)),
            ("Access-Control-Allow-Headers", headers),
            ("Access-Control-Max-Age", str(ONE_HOUR)),
        ),
    )


def _trusted(incoming: Incoming, config: Config) -> bool:
    return incoming.headers.get("origin", "").lower() in config.trusted_origins
