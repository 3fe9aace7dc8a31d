"""Where a browser may be sent: a page of this app, or a place the settings name."""

from vestibule.session import checks
from vestibule.session.config import Config
from vestibule.session.return_path import sanitize_return_path


def sign_out_target(return_to: str | None, config: Config) -> str | None:
    """The trusted address as given, or a path of this app; None when nothing usable was asked for."""
    if not return_to:
        return None
    if return_to.isascii() and checks.web_url(return_to) is not None:
        origin = checks.origin_of(return_to)
        return return_to if origin == config.origin or origin in config.trusted_origins else None
    return sanitize_return_path(return_to) if return_to.startswith("/") else None


def local_target(return_to: str | None, home: str) -> str:
    """Always a path of this app, whatever was asked for."""
    return sanitize_return_path(return_to, home)
