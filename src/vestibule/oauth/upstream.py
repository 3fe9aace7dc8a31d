"""One provider as this app talks to it: sign-in, profile, refresh and revocation, as flows."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.util import find_spec
from urllib.parse import urlencode

from vestibule.crypto.encoding import b64url_encode
from vestibule.crypto.keycache import CachedKeys
from vestibule.crypto.pkce import create_pair
from vestibule.crypto.strict_json import parse_json
from vestibule.errors import ConfigError, ProviderError, TokenError, Unreachable
from vestibule.flow import Flow, HttpRequest, HttpResponse
from vestibule.oauth.answers import unreachable
from vestibule.oauth.callback import check_callback
from vestibule.oauth.client import Client
from vestibule.oauth.discovery import Discovery, Endpoints
from vestibule.oauth.id_token import ANY_NONCE, AnyNonce, Expected, verify_id_token
from vestibule.oauth.profile import Profile, read_profile
from vestibule.oauth.provider import NOTHING, Provider
from vestibule.oauth.provider_keys import SYMMETRIC, ProviderKeys, parse_provider_keys
from vestibule.oauth.refusals import check_required, id_token_refusal, no_id_token, no_subject
from vestibule.oauth.tokens import TokenRequests, Tokens, check_revoked, read_tokens
from vestibule.oauth.transaction import Transaction
from vestibule.oauth.userinfo import emails_request, read_emails, read_user, user_request

# Ours alone: an app that set them would undo the protection of its sign-ins.
RESERVED = frozenset(
    {"response_type", "redirect_uri", "state", "nonce", "code_challenge", "code_challenge_method"}
)


@dataclass(frozen=True, slots=True)
class Beginning:
    """Send the browser to `url`, with the cookie of the transaction."""

    url: str = field(repr=False)
    transaction: Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSignIn:
    """Somebody who has proved at the provider who they are. `claims`: of the ID token, if there was one."""

    profile: Profile
    tokens: Tokens
    transaction: Transaction
    claims: Mapping[str, object] = field(default_factory=dict, repr=False)


class Upstream:
    """Made once per client and kept: it remembers the discovery document and the keys. Raises ConfigError
    for credentials or settings that are missing."""

    def __init__(
        self,
        client: Client,
        *,
        clock: Callable[[], float] = time.time,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.client = client
        self.provider: Provider = client.provider
        reserved = RESERVED & client.params.keys()
        if reserved:
            raise ConfigError(
                f"{self.provider.name}: leave out {', '.join(sorted(reserved))}: each sign-in has its own.",
                code="provider_settings",
            )
        if self.provider.kind == "oidc" or client.key is not None:
            _check_library()
        self._clock = clock
        self._entropy = entropy
        self._requests = TokenRequests(client, self.provider)
        self._discovery = Discovery(self.provider, clock=clock)
        self._keys: CachedKeys[ProviderKeys] | None = None
        self._keys_url = ""

    def endpoints(self) -> Flow[Endpoints]:
        """Where it is. Raises ProviderError when its discovery document cannot be trusted."""
        return self._discovery.endpoints()

    def begin(
        self,
        *,
        redirect_uri: str,
        return_to: str | None = None,
        note: str | None = None,
        max_age: int | None = None,
        params: Mapping[str, str] = NOTHING,
    ) -> Flow[Beginning]:
        """`params`: of this sign-in, such as `login_hint` or `prompt`."""
        endpoints = yield from self.endpoints()
        pair = create_pair(entropy=self._entropy)
        transaction = Transaction(
            provider=self.client.id,
            state=b64url_encode(self._entropy(32)),
            code_verifier=pair.verifier,
            redirect_uri=redirect_uri,
            started_at=int(self._clock()),
            nonce=b64url_encode(self._entropy(32)) if self.provider.kind == "oidc" else None,
            return_to=return_to,
            max_age=max_age,
            note=note,
        )
        query = self._authorize_query(transaction, pair.challenge, params)
        # WeChat's address ends in a fragment.
        address, mark, fragment = endpoints.authorize.partition("#")
        joint = "&" if "?" in address else "?"
        return Beginning(f"{address}{joint}{urlencode(query)}{mark}{fragment}", transaction)

    def finish(self, params: Mapping[str, str], transaction: Transaction) -> Flow[ProviderSignIn]:
        """From the parameters of the callback to somebody. Raises LoginError and ProviderError."""
        endpoints = yield from self.endpoints()
        now = self._clock()
        code = check_callback(params, transaction, self.provider, endpoints, at=self.client.id, now=now)
        request = self._requests.exchange(
            endpoints,
            code=code,
            code_verifier=transaction.code_verifier,
            redirect_uri=transaction.redirect_uri,
            callback=params,
            now=now,
        )
        response = yield from self._ask(request)
        tokens = read_tokens(self.provider, response, asked=self.client.scopes, now=now)
        claims: Mapping[str, object] = {}
        if self.provider.kind == "oidc":
            claims = yield from self._verified(tokens, endpoints, transaction.nonce, transaction.max_age)
            check_required(self.provider, claims)
        beside = params.get("user") if self.provider.response_mode == "form_post" else None
        profile = yield from self._profile(tokens, endpoints, claims, beside)
        return ProviderSignIn(profile=profile, tokens=tokens, transaction=transaction, claims=claims)

    def profile(self, tokens: Tokens, *, subject: str) -> Flow[Profile]:
        """As the provider has it now. Raises ProviderError `subject_mismatch` when it is somebody else's."""
        endpoints = yield from self.endpoints()
        if not endpoints.user:
            raise ProviderError(
                f"{self.provider.name} tells who somebody is at sign-in only.",
                provider=self.provider.id,
                side="app",
                code="provider_no_userinfo",
                hint="Use the profile of the last sign-in.",
            )
        profile = yield from self._profile(tokens, endpoints, {}, None)
        if profile.subject != subject:
            raise self._other_subject()
        return profile

    def refresh(self, refresh_token: str, *, subject: str | None = None) -> Flow[Tokens]:
        """The next tokens; the refresh token stays when no new one comes. `subject`: the `sub` that a new
        ID token must have. Raises ProviderError `provider_grant` when access has ended."""
        endpoints = yield from self.endpoints()
        now = self._clock()
        request = self._requests.refresh(endpoints, refresh_token=refresh_token, now=now)
        response = yield from self._ask(request)
        tokens = read_tokens(self.provider, response, asked=self.client.scopes, now=now)
        if tokens.id_token and self.provider.kind == "oidc":
            claims = yield from self._verified(tokens, endpoints, ANY_NONCE, None)
            if subject is not None and claims["sub"] != subject:
                raise self._other_subject()
        return tokens if tokens.refresh_token else replace(tokens, refresh_token=refresh_token)

    def revoke(self, token: str, *, hint: str | None = None) -> Flow[bool]:
        """Ends a token at the provider; False when the provider has no way to. `hint`: `access_token` or
        `refresh_token`. Raises ProviderError `provider_revocation`."""
        endpoints = yield from self.endpoints()
        if not endpoints.revoke:
            return False
        now = self._clock()
        request = self._requests.revoke(endpoints, token=token, hint=hint, now=now)
        check_revoked(self.provider, (yield from self._ask(request)))
        return True

    def _authorize_query(
        self, transaction: Transaction, challenge: str, params: Mapping[str, str]
    ) -> dict[str, str]:
        provider, client = self.provider, self.client
        query = {
            "response_type": "code",
            provider.tokens.id_param: client.client_id,
            "redirect_uri": transaction.redirect_uri,
            "state": transaction.state,
        }
        if provider.pkce != "refused":  # harmless where it is not honored (RFC 9700 §2.1.1)
            query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        scopes = provider.scope_separator.join(client.scopes)
        optional = {
            provider.scope_param: scopes,
            "nonce": transaction.nonce,
            "response_mode": provider.response_mode if scopes else None,
            "max_age": str(transaction.max_age) if transaction.max_age is not None else None,
        }
        chosen = {**provider.authorize_params, **client.params, **params}
        free = {name: value for name, value in chosen.items() if name not in RESERVED}
        return free | query | {name: value for name, value in optional.items() if value}

    def _verified(
        self, tokens: Tokens, endpoints: Endpoints, nonce: str | AnyNonce | None, max_age: int | None
    ) -> Flow[Mapping[str, object]]:
        provider, token, now = self.provider, tokens.id_token, self._clock()
        if token is None:
            raise no_id_token(provider)
        expected = Expected(
            issuers=endpoints.issuers,
            client_id=self.client.client_id,
            algorithms=provider.id_token_algorithms,
            nonce=nonce,
            nonce_may_be_missing=provider.nonce_may_be_missing,
            access_token=tokens.access_token,
            max_age=max_age,
            secret=self.client.client_secret,
        )
        try:
            if SYMMETRIC.issuperset(provider.id_token_algorithms):
                return verify_id_token(token, None, expected, now=now)
            return (yield from self._key_cache(endpoints).check(partial(_verify, token, expected, now)))
        except TokenError as error:
            raise id_token_refusal(provider, error) from error
        except Unreachable as error:
            raise unreachable(provider, error.message) from error

    def _key_cache(self, endpoints: Endpoints) -> CachedKeys[ProviderKeys]:
        if self._keys is None or self._keys_url != endpoints.keys:
            self._keys_url = endpoints.keys
            self._keys = CachedKeys(endpoints.keys, parse_provider_keys, clock=self._clock)
        return self._keys

    def _profile(
        self, tokens: Tokens, endpoints: Endpoints, claims: Mapping[str, object], named: str | None
    ) -> Flow[Profile]:
        provider, where = self.provider, self.provider.user
        emails = None
        if where is not None and endpoints.user:
            response = yield from self._ask(user_request(self.client, where, tokens, url=endpoints.user))
            user = read_user(provider, where, response)
            if claims and user.get("sub") != claims["sub"]:
                raise self._other_subject()
            claims = _merged(claims, user)
            if where.emails is not None:
                emails = read_emails(
                    where.emails, (yield from self._ask(emails_request(where.emails, tokens)))
                )
        try:
            return read_profile(provider, claims, emails=emails, named=_name_beside(named))
        except ValueError as error:
            raise no_subject(provider, str(error)) from error

    def _ask(self, request: HttpRequest) -> Flow[HttpResponse]:
        try:
            return (yield request)
        except Unreachable as error:
            raise unreachable(self.provider, "it does not answer") from error

    def _other_subject(self) -> ProviderError:
        return ProviderError(
            f"{self.provider.name} speaks of two people in one sign-in.",
            provider=self.provider.id,
            side="provider",
            code="subject_mismatch",
            hint="Report it to the provider: its answers cannot be relied on.",
        )


def _check_library() -> None:
    if find_spec("joserfc") is None:  # pragma: no cover - tests of this have it
        raise ConfigError(
            "ID tokens need a library that is not installed: `pip install 'vestibule[oauth]'`.",
            code="provider_settings",
        )


def _verify(token: str, expected: Expected, now: float, keys: ProviderKeys) -> Mapping[str, object]:
    return verify_id_token(token, keys, expected, now=now)


def _merged(claims: Mapping[str, object], user: Mapping[str, object]) -> Mapping[str, object]:
    """An address and its proof must come from the same answer."""
    if "email" in user:
        claims = {name: value for name, value in claims.items() if name not in ("email", "email_verified")}
    return {**claims, **user}


def _name_beside(text: str | None) -> Mapping[str, object] | None:
    """Apple's `user` field. Anybody could have written it: a name to show, and nothing else is taken."""
    try:
        value = parse_json(text.encode("utf-8", "replace")) if text else None
    except ValueError:
        return None
    name = value.get("name") if isinstance(value, dict) else None
    return name if isinstance(name, dict) else None
