"""One sign-in at a provider for tests, driven by hand."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from vestibule.flow import HttpResponse, Send, run
from vestibule.oauth import ProviderSignIn, Tokens, Upstream
from vestibule.oauth.tokens import read_tokens
from vestibule.testing import TestProvider

REDIRECT = "https://app.example.com/auth/callback"


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


class SignIn:
    """`settings` are those of the client; with `warm` the app has signed somebody in before."""

    def __init__(
        self,
        provider: TestProvider,
        *,
        send: Send | None = None,
        upstream: Upstream | None = None,
        max_age: int | None = None,
        params: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> None:
        self.provider = provider
        self.send = send or provider.send
        self.upstream = upstream or Upstream(provider.client(**settings), clock=provider.clock)
        self.beginning = run(
            self.upstream.begin(redirect_uri=REDIRECT, max_age=max_age, params=params or {}), self.send
        )
        self.credentials = {"client_id": provider.client_id, "client_secret": provider.client_secret}

    def finish(self, *, who: Any = None, callback: str | None = None) -> ProviderSignIn:
        callback = callback or self.provider.consent(self.beginning.url, who)
        return run(self.upstream.finish(query_of(callback), self.beginning.transaction), self.send)

    def token_form(self) -> dict[str, str]:
        """What the app would send for a code that has just come."""
        return {
            "grant_type": "authorization_code",
            "code": query_of(self.provider.consent(self.beginning.url))["code"],
            "redirect_uri": REDIRECT,
            "code_verifier": self.beginning.transaction.code_verifier,
            **self.credentials,
        }

    def read_tokens(self, response: HttpResponse) -> Tokens:
        return read_tokens(self.upstream.provider, response, asked=(), now=0)
