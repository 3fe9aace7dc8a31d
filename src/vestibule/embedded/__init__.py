"""The identity server inside an app: one process, one database, nothing else to run.

    Auth.embedded(app, database="sqlite:///auth.db")

The app's adapter hands over what is below `server_path`; the app itself asks its server by a function call.
"""

from typing import Any, TypeVar

from vestibule.errors import NotInstalled
from vestibule.installation import Installation

__all__ = ["embed"]

A = TypeVar("A", bound=Installation)


def embed(
    kind: type[A], app: Any, *, database: str, server_path: str, management_api: bool, **settings: Any
) -> A:
    """An adapter's `Auth` with its server in it. Raises NotInstalled without the extra, and ConfigError."""
    try:
        from vestibule.embedded.choices import split
        from vestibule.embedded.server import EmbeddedServer
    except ModuleNotFoundError as missing:  # pragma: no cover - tested in a process that lacks them
        if (missing.name or "").partition(".")[0] == "vestibule":
            raise
        raise NotInstalled(
            f"The server inside the app needs {missing.name}: `pip install 'vestibule[server]'`."
        ) from None
    ours, theirs = split(settings)
    server = EmbeddedServer(
        server_path,
        settings={"database": database, **ours},
        management_api=management_api,
        clock=settings.get("clock"),
    )
    positional = () if app is None else (app,)
    auth = kind(*positional, mounted=server, **theirs)
    server.belongs_to(auth)
    return auth
