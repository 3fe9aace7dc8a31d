"""An auth laboratory for the tests of your app.

`sign_in(client, email=…)` gives a test client a session. In pytest the fixture `auth_lab` has a clock that
moves, faults by name, and a whole identity server with captured mail. No network, nothing patched.

The plugin imports this package at the start of every test run: its names are loaded when asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vestibule.audit.asserting import assert_guarded
    from vestibule.testing.clients import sign_in, sign_out
    from vestibule.testing.clock import Clock
    from vestibule.testing.faults import FAULTS, FaultName
    from vestibule.testing.issuer import TestIssuer
    from vestibule.testing.lab import Lab
    from vestibule.testing.oauth import (
        PROVIDER_FAULTS,
        Account,
        Network,
        ProviderFault,
        ProviderRefusal,
        TestProvider,
    )
    from vestibule.testing.rights import Who
    from vestibule.testing.servers import identity_server

__all__ = [
    "FAULTS",
    "PROVIDER_FAULTS",
    "Account",
    "Clock",
    "FaultName",
    "Lab",
    "Network",
    "ProviderFault",
    "ProviderRefusal",
    "TestIssuer",
    "TestProvider",
    "Who",
    "assert_guarded",
    "identity_server",
    "sign_in",
    "sign_out",
]

_MODULES = {
    "FAULTS": "vestibule.testing.faults",
    "PROVIDER_FAULTS": "vestibule.testing.oauth",
    "Account": "vestibule.testing.oauth",
    "Clock": "vestibule.testing.clock",
    "FaultName": "vestibule.testing.faults",
    "Lab": "vestibule.testing.lab",
    "Network": "vestibule.testing.oauth",
    "ProviderFault": "vestibule.testing.oauth",
    "ProviderRefusal": "vestibule.testing.oauth",
    "TestIssuer": "vestibule.testing.issuer",
    "TestProvider": "vestibule.testing.oauth",
    "Who": "vestibule.testing.rights",
    "assert_guarded": "vestibule.audit.asserting",
    "identity_server": "vestibule.testing.servers",
    "sign_in": "vestibule.testing.clients",
    "sign_out": "vestibule.testing.clients",
}

if not TYPE_CHECKING:  # else a type checker would take every name for one of ours

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return globals().setdefault(name, getattr(import_module(_MODULES[name]), name))

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
