"""How a provider misbehaves on demand: by name, for a while."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from vestibule.crypto.signing import create_signing_key
from vestibule.flow import HttpResponse
from vestibule.testing.issuer import signing_key
from vestibule.testing.oauth.dialects import Dialect, Endpoint

ProviderFault: TypeAlias = Literal[
    "wrong_nonce",
    "wrong_issuer",
    "wrong_audience",
    "wrong_key",
    "expired_id_token",
    "unknown_kid",
    "unknown_kid_then_rotated",
    "wrong_discovery",
    "slow",
    "dead",
    "status_500",
    "html",
    "redirect",
    "error_in_200",
    "access_denied",
    "swapped_code",
    "ignored_pkce",
    "mix_up_issuer",
    "missing_iss",
    "swapped_subject",
    "no_email",
    "unverified_email",
    "private_email",
    "refresh_refused",
    "revocation_refused",
]
"""What can go wrong at a provider; docs/how-to/test-your-app.md says what a correct app does about each."""

PROVIDER_FAULTS: tuple[ProviderFault, ...] = get_args(ProviderFault)

OF_ANSWERS: frozenset[ProviderFault] = frozenset(
    {"slow", "dead", "status_500", "html", "redirect", "error_in_200"}
)
OF_OIDC: frozenset[ProviderFault] = frozenset(
    {
        "wrong_nonce", "wrong_issuer", "wrong_audience", "wrong_key", "expired_id_token", "unknown_kid",
        "unknown_kid_then_rotated", "wrong_discovery", "mix_up_issuer", "missing_iss", "refresh_refused",
        "revocation_refused",
    }
)  # fmt: skip
OF_GITHUB: frozenset[ProviderFault] = frozenset({"private_email"})
TEN_MINUTES = 600.0

BROKEN: Mapping[ProviderFault, HttpResponse] = {
    "status_500": HttpResponse(500, b"Internal Server Error", {"content-type": "text/plain"}),
    "html": HttpResponse(
        200, b"<!doctype html><title>Maintenance</title><h1>Back soon</h1>", {"content-type": "text/html"}
    ),
    "redirect": HttpResponse(302, b"", {"location": "https://elsewhere.test/"}),
    "error_in_200": HttpResponse(
        200,
        b'{"error": "server_error", "error_description": "The test said so."}',
        {"content-type": "application/json"},
    ),
}


@dataclass(frozen=True, slots=True)
class Injected:
    """`at`: the one endpoint where it happens; None: at all that apps ask, so not at the page for people."""

    seconds: float = TEN_MINUTES
    at: Endpoint | None = None

    def concerns(self, endpoint: Endpoint | None) -> bool:
        return endpoint == self.at if self.at is not None else endpoint != "authorize"


class ProviderFaults:
    """The knobs."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.key = signing_key()
        self._injected: dict[ProviderFault, Injected] = {}

    @contextlib.contextmanager
    def fault(
        self, name: ProviderFault, *, seconds: float = TEN_MINUTES, at: Endpoint | None = None
    ) -> Iterator[None]:
        """While this lasts. `seconds`: how long an answer takes (`slow`). `at` narrows the faults that have
        to do with answers to one endpoint."""
        self.inject(name, seconds=seconds, at=at)
        try:
            yield
        finally:
            self.recover(name)

    def inject(
        self, name: ProviderFault, *, seconds: float = TEN_MINUTES, at: Endpoint | None = None
    ) -> None:
        """Until `recover`. Raises ValueError for what this kind of provider cannot do wrong."""
        if name not in PROVIDER_FAULTS:
            raise ValueError(f"There is no fault {name!r}. There are: {', '.join(PROVIDER_FAULTS)}.")
        if name in (OF_GITHUB if self.dialect.is_oidc else OF_OIDC):
            raise ValueError(f"{name!r} cannot happen at {self.dialect.name}, which has no such thing.")
        if at is not None and (name not in OF_ANSWERS or at not in self.dialect.paths):
            raise ValueError(f"{name!r} does not happen at {at!r}, but at {self._places(name)}.")
        if name == "unknown_kid_then_rotated":
            self.rotate_key()
        self._injected[name] = Injected(seconds, at)

    def recover(self, name: ProviderFault | None = None) -> None:
        """All is well again, or this one thing. A key that was rotated stays the new one."""
        for injected in list(self._injected):
            if name in (None, injected):
                del self._injected[injected]

    def rotate_key(self) -> None:
        """Sign with a new key from now on, and publish only that one."""
        self.key = create_signing_key()

    def has(self, name: ProviderFault) -> bool:
        return name in self._injected

    def due(self, name: ProviderFault, endpoint: Endpoint | None) -> Injected | None:
        """What is wrong with the answers of this endpoint."""
        found = self._injected.get(name)
        return found if found is not None and found.concerns(endpoint) else None

    def broken(self, endpoint: Endpoint | None) -> HttpResponse | None:
        return next((answer for name, answer in BROKEN.items() if self.due(name, endpoint)), None)

    def _places(self, name: ProviderFault) -> str:
        return " or ".join(map(repr, self.dialect.paths)) if name in OF_ANSWERS else "no single endpoint"
