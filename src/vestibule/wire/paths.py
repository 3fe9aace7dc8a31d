"""The addresses toolkit and server agree on, below the server's origin."""

AUTHORIZE = "/user_management/authorize"
AUTHENTICATE = "/user_management/authenticate"
LOGOUT = "/user_management/sessions/logout"
JWKS = "/sso/jwks"
VALIDATIONS = "/api_keys/validations"
REVOKED = "/user_management/sessions/revoked"
INTROSPECT = "/oauth2/introspect"
ORGANIZATIONS = "/organizations"


def jwks_path(client_id: str) -> str:
    """Where the public keys of one client's tokens are."""
    return f"{JWKS}/{client_id}"
