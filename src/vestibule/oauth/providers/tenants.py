"""Identity services of which each customer has one of their own, found by its issuer."""

from vestibule.oauth.provider import BASE_URL, HOST, ProfileMap, Provider, Slot, TokenEndpoint

BY_DISCOVERY = TokenEndpoint(auth=None)
SCOPES = ("openid", "profile", "email")

OKTA = Provider(
    id="okta",
    name="Okta",
    kind="oidc",
    verified_on="2026-12-01",
    source="django-allauth",
    docs="https://developer.okta.com/docs/guides/implement-grant-type/authcode/main/",
    slots={
        "domain": Slot(example="acme.okta.com", pattern=HOST),
        "server_path": Slot(example="/oauth2/default", pattern="(?:/oauth2/[A-Za-z0-9]+)?", default=""),
    },
    namespace="https://{domain}{server_path}",
    issuer="https://{domain}{server_path}",
    scopes=(*SCOPES, "offline_access"),
    tokens=BY_DISCOVERY,
    quirks=(
        "The organization and each authorization server are issuers of their own: "
        "`okta(authorization_server='default')`.",
    ),
)

AUTH0 = Provider(
    id="auth0",
    name="Auth0",
    kind="oidc",
    verified_on="2026-12-01",
    source="django-allauth",
    docs="https://auth0.com/docs/get-started/authentication-and-authorization-flow",
    slots={"domain": Slot(example="acme.eu.auth0.com", pattern=HOST)},
    namespace="https://{domain}/",
    issuer="https://{domain}/",
    scopes=SCOPES,
    quirks=(
        "The issuer ends in a slash.",
        "An access token for an API of yours needs `auth0(audience=…)`.",
    ),
)

KEYCLOAK = Provider(
    id="keycloak",
    name="Keycloak",
    kind="oidc",
    verified_on="2026-12-01",
    source="its documentation, as generally known",
    docs="https://www.keycloak.org/securing-apps/oidc-layers",
    slots={
        "base_url": Slot(example="https://id.example.com", pattern=BASE_URL),
        "realm": Slot(example="acme"),
    },
    namespace="{base_url}/realms/{realm}",
    issuer="{base_url}/realms/{realm}",
    scopes=SCOPES,
    tokens=BY_DISCOVERY,
    quirks=("Older ones have `/auth` at the end of `base_url`.", "Roles are under `realm_access.roles`."),
)

AUTHENTIK = Provider(
    id="authentik",
    name="authentik",
    kind="oidc",
    verified_on="2026-12-01",
    source="Aura",
    docs="https://docs.goauthentik.io/add-secure-apps/providers/oauth2/",
    slots={
        "base_url": Slot(example="https://id.example.com", pattern=BASE_URL),
        "application_slug": Slot(example="my-app"),
    },
    namespace="{base_url}/application/o/{application_slug}/",
    issuer="{base_url}/application/o/{application_slug}/",
    scopes=SCOPES,
    tokens=BY_DISCOVERY,
    profile=ProfileMap(email_proof="none"),
    quirks=(
        "The issuer ends in a slash, and each application has one.",
        "Addresses count as unverified, whatever it says: newer versions say false, older ones always true.",
    ),
)

COGNITO = Provider(
    id="cognito",
    name="Amazon Cognito",
    kind="oidc",
    verified_on="2026-12-01",
    source="django-allauth, better-auth",
    docs="https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html",
    slots={
        "region": Slot(example="eu-central-1", pattern="[a-z]{2}(?:-[a-z]+)+-[0-9]"),
        "user_pool_id": Slot(example="eu-central-1_AbCdEf123", pattern="[A-Za-z0-9_-]+"),
    },
    namespace="https://cognito-idp.{region}.amazonaws.com/{user_pool_id}",
    issuer="https://cognito-idp.{region}.amazonaws.com/{user_pool_id}",
    scopes=SCOPES,
    tokens=BY_DISCOVERY,
    profile=ProfileMap(username="username"),
    quirks=(
        "Its pages are on another host than its issuer, which the discovery document names.",
        "`email_verified` is a text at the user endpoint.",
        "Signs out at `/logout?client_id&logout_uri`.",
    ),
)

ALL = (OKTA, AUTH0, KEYCLOAK, AUTHENTIK, COGNITO)
