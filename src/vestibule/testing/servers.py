"""The way to the in-process identity server, for who may not have installed it."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from vestibule.errors import NotInstalled

if TYPE_CHECKING:
    from vestibule.testing.server import IdentityServer


def identity_server(
    *, seed: Mapping[str, Any] | None = None, clock: Callable[[], float] = time.time, **settings: Any
) -> "IdentityServer":
    """A whole identity server in this process. `seed` is what a seed file holds, `settings` are fields of the
    server's `Settings`. Stop it, or use it in a `with`. Raises NotInstalled without `vestibule[server]`."""
    try:
        from vestibule.testing.server import IdentityServer
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] == "vestibule":
            raise
        raise NotInstalled(
            f"The identity server in a test needs {missing.name}: `pip install 'vestibule[server]'`."
        ) from None
    return IdentityServer(seed=seed, clock=clock, **settings)
