"""An OAuth provider for tests: GitHub-like, Google-like or any OpenID Connect issuer, and wrong on demand.

    provider = TestProvider("google")
    provider.person(email="ada@example.com")
    upstream = Upstream(provider.client(), clock=provider.clock)
    beginning = run(upstream.begin(redirect_uri="https://app.example.com/callback"), provider.send)
    callback = provider.consent(beginning.url)          # what the person does, without a browser
    with provider.fault("wrong_nonce"): ...

`with provider.serving() as url:` is the same over HTTP, with a page for browsers.
"""

from vestibule.testing.oauth.accounts import Account
from vestibule.testing.oauth.asking import ProviderRefusal
from vestibule.testing.oauth.faults import PROVIDER_FAULTS, ProviderFault
from vestibule.testing.oauth.network import Network
from vestibule.testing.oauth.provider import TestProvider

__all__ = ["PROVIDER_FAULTS", "Account", "Network", "ProviderFault", "ProviderRefusal", "TestProvider"]
