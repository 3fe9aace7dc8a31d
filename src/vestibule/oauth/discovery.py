"""Where a provider's endpoints are: from its discovery document, kept for a while, or from the table."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from vestibule.crypto.strict_json import parse_object
from vestibule.errors import ProviderError, ProviderUnreachable, Unreachable
from vestibule.flow import Flow, HttpRequest, HttpResponse
from vestibule.oauth.provider import ClientAuth, Provider, is_safe
from vestibule.wire import fields

ONE_HOUR = 3600.0
ONE_DAY = 86400.0
COOLDOWN = 30.0
DEADLINE = 5.0
MAX_BYTES = 262_144
MAX_AGE = re.compile(r"(?:^|[,\s])max-age=([0-9]{1,9})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """`issuers`: what `iss` may be. `says_issuer`: it promises `iss` in the callback (RFC 9207)."""

    issuers: tuple[str, ...] = ()
    authorize: str
    tokens: str
    user: str = ""
    keys: str = ""
    revoke: str = ""
    end_session: str = ""
    says_issuer: bool = False
    auth: ClientAuth = "post"


class Discovery:
    """One per provider. The last good document outlives an outage; asking again waits 30 seconds."""

    def __init__(self, provider: Provider, *, clock: Callable[[], float]) -> None:
        self._provider = provider
        self._clock = clock
        self._good: Endpoints | None = None if provider.discovers else _of_table(provider)
        self._good_until = float("-inf") if provider.discovers else float("inf")
        self._tried_at = float("-inf")

    def endpoints(self) -> Flow[Endpoints]:
        """Raises ProviderUnreachable, and ProviderError `discovery_invalid` or `discovery_issuer`."""
        good, now = self._good, self._clock()
        if good is not None and (now < self._good_until or now - self._tried_at < COOLDOWN):
            return good
        try:
            return (yield from self._fetch(now))
        except ProviderUnreachable:
            if good is None:
                raise
            return good

    def _fetch(self, now: float) -> Flow[Endpoints]:
        self._tried_at = now
        provider = self._provider
        url = provider.discovery_url or f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        request = HttpRequest(
            "GET",
            url,
            headers={"Accept": "application/json"},
            share=f"discovery {url}",
            attempts=2,
            deadline=DEADLINE,
            max_bytes=MAX_BYTES,
        )
        try:
            response = yield request
        except Unreachable as error:
            raise ProviderUnreachable(f"{provider.name} does not answer.", provider=provider.id) from error
        endpoints = read_discovery(provider, response, url=url)
        self._good, self._good_until = endpoints, now + _lifetime(response)
        return endpoints


def read_discovery(provider: Provider, response: HttpResponse, *, url: str) -> Endpoints:
    """The endpoints in a document that can be relied on. Raises as `Discovery.endpoints` does."""
    if response.status >= 500 or response.status in (408, 429):
        raise ProviderUnreachable(
            f"{provider.name} answered {response.status} instead of its discovery document.",
            provider=provider.id,
        )
    if response.status != 200:
        # A redirect is not followed either: it could lead anywhere.
        raise _invalid(provider, f"{url} answered {response.status}")
    try:
        document = parse_object(response.body, max_depth=16)
    except ValueError:
        raise _invalid(provider, f"{url} is no JSON object") from None
    if document.get("issuer") != provider.issuer:
        raise ProviderError(
            f"{provider.name} calls itself {str(document.get('issuer'))[:200]!r}, not {provider.issuer!r}.",
            provider=provider.id,
            side="app",
            code="discovery_issuer",
            hint="Set the issuer exactly as the provider writes it, with or without a slash at its end.",
        )
    return _endpoints(provider, document)


def _endpoints(provider: Provider, document: Mapping[str, object]) -> Endpoints:
    def find(name: str, ours: str = "") -> str:
        url = ours or fields.text(document, name) or ""
        # A provider on this machine may speak http about itself.
        if url and not is_safe(url, local=provider.issuer.startswith("http://")):
            raise _invalid(provider, f"{name} is not https")
        return url

    authorize = find("authorization_endpoint", provider.authorize_url)
    tokens = find("token_endpoint", provider.tokens.url)
    keys = find("jwks_uri", provider.keys_url)
    if not (authorize and tokens and keys):
        raise _invalid(provider, "authorization_endpoint, token_endpoint or jwks_uri is missing")
    host = urlsplit(keys).hostname
    if host not in (urlsplit(provider.issuer).hostname, *provider.key_hosts):
        raise _invalid(provider, f"its keys are on another host, {host}", KEY_HOSTS)
    return Endpoints(
        issuers=(provider.issuer, *provider.issuers),
        authorize=authorize,
        tokens=tokens,
        user=find("userinfo_endpoint", provider.user.url) if provider.user else "",
        keys=keys,
        revoke=find("revocation_endpoint", provider.revoke_url),
        end_session=find("end_session_endpoint"),
        says_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        auth=_auth(document),
    )


KEY_HOSTS = "If that host is the provider's too, name it in key_hosts."


def _of_table(provider: Provider) -> Endpoints:
    return Endpoints(
        issuers=(provider.issuer, *provider.issuers) if provider.issuer else (),
        authorize=provider.authorize_url,
        tokens=provider.tokens.url,
        user=provider.user.url if provider.user else "",
        keys=provider.keys_url,
        revoke=provider.revoke_url,
    )


def _auth(document: Mapping[str, object]) -> ClientAuth:
    # Basic is what a silent provider means (OpenID Connect Discovery §3).
    methods = fields.texts(document, "token_endpoint_auth_methods_supported") or ("client_secret_basic",)
    return "basic" if "client_secret_basic" in methods else "post"


def _lifetime(response: HttpResponse) -> float:
    found = MAX_AGE.search(response.headers.get("cache-control", "").lower())
    return min(max(float(found[1]), COOLDOWN), ONE_DAY) if found else ONE_HOUR


def _invalid(provider: Provider, what: str, hint: str = "") -> ProviderError:
    return ProviderError(
        f"{provider.name}: the discovery document cannot be used: {what}.",
        provider=provider.id,
        side="provider",
        code="discovery_invalid",
        hint=hint or "Look at the issuer: its address with /.well-known/openid-configuration is asked.",
    )
