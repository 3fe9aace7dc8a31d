"""What a standard client asks first (OpenID Connect Discovery 1.0, RFC 8414), and the key set."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vestibule.server import languages
from vestibule.server.answers import Answer
from vestibule.server.hops import Hops
from vestibule.server.identity import keys
from vestibule.server.identity.assurance import ACR_VALUES
from vestibule.server.identity.context import Identity
from vestibule.server.identity.devices import GRANT_TYPE as DEVICE_CODE
from vestibule.server.identity.responding import MODES

CACHEABLE: Final = {"cache-control": "public, max-age=300"}
SECRETS: Final = ("client_secret_basic", "client_secret_post")
SCOPES: Final = ("openid", "profile", "email", "offline_access")


def metadata(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "userinfo_endpoint": f"{issuer}/oauth2/userinfo",
        "jwks_uri": f"{issuer}/oauth2/jwks",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": list(MODES),
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", DEVICE_CODE],
        "subject_types_supported": ["public"],
        "acr_values_supported": list(ACR_VALUES),
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "ui_locales_supported": [language.tag for language in languages.available()],
        "claims_supported": CLAIMS,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,  # if left out, it would mean that it is
        "authorization_response_iss_parameter_supported": True,
        **_endpoints(issuer),
    }


def _endpoints(issuer: str) -> dict[str, Any]:
    """Those that clients authenticate at, and how. Asking about tokens is for servers only."""
    return {
        "token_endpoint_auth_methods_supported": [*SECRETS, "none"],
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "revocation_endpoint_auth_methods_supported": [*SECRETS, "none"],
        "introspection_endpoint": f"{issuer}/oauth2/introspect",
        "introspection_endpoint_auth_methods_supported": list(SECRETS),
        "device_authorization_endpoint": f"{issuer}/oauth2/device_authorization",
        "end_session_endpoint": f"{issuer}/oauth2/logout",
    }


CLAIMS: Final = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "sid",
    "amr",
    "acr",
    "name",
    "given_name",
    "family_name",
    "picture",
    "locale",
    "email",
    "email_verified",
]


def routes(identity: Identity, hops: Hops) -> list[Route]:
    described = Answer(200, metadata(identity.settings.public_url), CACHEABLE)

    async def discovery(request: Request) -> Response:
        return described.response()

    async def key_set(request: Request) -> Response:
        return Answer(200, await hops.run(keys.jwks, identity), CACHEABLE).response()

    return [
        Route("/.well-known/openid-configuration", discovery, methods=["GET"]),
        Route("/.well-known/oauth-authorization-server", discovery, methods=["GET"]),
        Route("/oauth2/jwks", key_set, methods=["GET"]),
    ]
