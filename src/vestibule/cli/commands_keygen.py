"""`vestibule keygen`, which needs no server."""

import secrets


def keygen() -> None:
    """Print a secret good for VESTIBULE_SERVER_SECRET or VESTIBULE_COOKIE_PASSWORD."""
    print(secrets.token_urlsafe(32))
