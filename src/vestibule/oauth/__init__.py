"""Being an OAuth client: what direct mode, social sign-in and single sign-on have in common.

    upstream = Upstream(github(client_id="…", client_secret="…"))
    beginning = run(upstream.begin(redirect_uri="https://app.example.com/auth/callback/github"), send)
    signed_in = run(upstream.finish(params, transaction), send)

Flows only: nothing here waits, keeps a secret or reads the environment.
"""

from vestibule.errors import ProviderError, ProviderUnreachable
from vestibule.oauth.any_provider import from_environment, oauth2, oidc, provider_client
from vestibule.oauth.client import Client, SigningKey
from vestibule.oauth.profile import Identity, Linking, Profile, linking
from vestibule.oauth.provider import (
    EmailList,
    ErrorShape,
    ProfileMap,
    Provider,
    Slot,
    TokenEndpoint,
    UserEndpoint,
)
from vestibule.oauth.providers import PROVIDERS, find_provider, get_provider
from vestibule.oauth.registrations import (
    apple,
    atlassian,
    auth0,
    authentik,
    bitbucket,
    clickup,
    cognito,
    discord,
    dribbble,
    dropbox,
    facebook,
    figma,
    github,
    gitlab,
    google,
    hubspot,
    huggingface,
    keycloak,
    linkedin,
    mailchimp,
    microsoft,
    notion,
    okta,
    pinterest,
    slack,
    spotify,
    strava,
    twitch,
    x,
)
from vestibule.oauth.tokens import Tokens
from vestibule.oauth.transaction import Transaction
from vestibule.oauth.upstream import Beginning, ProviderSignIn, Upstream

__all__ = [
    "PROVIDERS",
    "Beginning",
    "Client",
    "EmailList",
    "ErrorShape",
    "Identity",
    "Linking",
    "Profile",
    "ProfileMap",
    "Provider",
    "ProviderError",
    "ProviderSignIn",
    "ProviderUnreachable",
    "SigningKey",
    "Slot",
    "TokenEndpoint",
    "Tokens",
    "Transaction",
    "Upstream",
    "UserEndpoint",
    "apple",
    "atlassian",
    "auth0",
    "authentik",
    "bitbucket",
    "clickup",
    "cognito",
    "discord",
    "dribbble",
    "dropbox",
    "facebook",
    "figma",
    "find_provider",
    "from_environment",
    "get_provider",
    "github",
    "gitlab",
    "google",
    "hubspot",
    "huggingface",
    "keycloak",
    "linkedin",
    "linking",
    "mailchimp",
    "microsoft",
    "notion",
    "oauth2",
    "oidc",
    "okta",
    "pinterest",
    "provider_client",
    "slack",
    "spotify",
    "strava",
    "twitch",
    "x",
]
