"""Apps of direct mode in the laboratory: what they ask is asked of providers in the same process."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

from vestibule.crypto.strict_json import Json
from vestibule.direct.kept import GRANTS, Kept
from vestibule.direct.way import DirectWay
from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.oauth import Client
from vestibule.session.config import Config
from vestibule.testing.issuer import TestIssuer
from vestibule.testing.oauth import TestProvider
from vestibule.testing.oauth.dialects import DIALECTS, Kind
from vestibule.testing.people import Grant


class DirectIssuer(TestIssuer):
    """Nobody issues anything here: sessions are sealed as the app does it, and there is no network but
    `providers`."""

    def __init__(self, config: Config, way: DirectWay, *, clock: Callable[[], float]) -> None:
        super().__init__(config, clock=clock)
        self._way = way
        self.providers: dict[str, TestProvider] = {}

    def provider(self, name: str, **settings: Any) -> TestProvider:
        """Who answers the app in place of the provider it calls `name`. Raises LookupError and ValueError for
        one that nobody can stand in for."""
        if name not in self.providers:
            client = self._way.clients.get(name)
            if client is None:
                raise LookupError(
                    f"This app has no provider {name!r}: it has {', '.join(self._way.clients)}."
                )
            known = {"redirect_uris": [self._way.callback_url(name)], "clock": self.clock}
            self.providers[name] = stand_in_for(client, **{**known, **settings})
        return self.providers[name]

    def cookie(self, grant: Grant, *, expires_in: float | None = None) -> dict[str, str]:
        now, claims = int(self._now()), grant.claims()
        lifetime = self._way.settings.expiry.begin(now)
        if expires_in is not None:
            lifetime = replace(lifetime, expires_at=now + int(expires_in))
        kept = Kept(
            id=grant.session_id,
            user=grant.user,
            lifetime=lifetime,
            authenticated_at=int(grant.authenticated_at),
            method=grant.method,
            grants={name: cast("Json", claims[name]) for name in GRANTS.values() if name in claims},
        )
        return {self.config.cookie_name: self._way.codec(self.config).seal(kept)}

    def _answer(self, request: HttpRequest) -> HttpResponse:
        for provider in self.providers.values():
            if provider.is_at(request.url):
                return provider.send(request)
        raise Unreachable(
            f"nobody is {urlsplit(request.url).netloc} here, and there is no network in the laboratory: "
            "`auth_lab.provider(name, app=client)` first"
        )


def stand_in_for(client: Client, **settings: Any) -> TestProvider:
    row = client.provider
    kind = row.id if row.id in DIALECTS else "oidc"
    if kind == "oidc" and (not row.discovers or row.authorize_url or "{" in row.issuer):
        raise ValueError(
            f"Nobody can stand in for {row.name}: only for GitHub, Google, and whoever speaks OpenID Connect "
            "and has all addresses in a discovery document."
        )
    url = row.issuer or urljoin(row.authorize_url, "/").rstrip("/")
    credentials = {"client_id": client.client_id, "client_secret": client.client_secret}
    return TestProvider(cast(Kind, kind), url=url, name=row.name, **{**credentials, **settings})
