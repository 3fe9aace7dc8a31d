"""Error codes of the token endpoint that both sides say; the prose beside them is free."""

INVALID_GRANT = "invalid_grant"
INVALID_REQUEST = "invalid_request"
INVALID_CLIENT = "invalid_client"
INVALID_CREDENTIALS = "invalid_credentials"
TOKEN_TOO_BIG = "token_too_big"  # noqa: S105 - the name of an error

SSO_REQUIRED = "sso_required"
MFA_ENROLLMENT = "mfa_enrollment"
MFA_CHALLENGE = "mfa_challenge"
OTHER_METHODS_REQUIRED = "organization_authentication_methods_required"
EMAIL_VERIFICATION_REQUIRED = "email_verification_required"
ORGANIZATION_SELECTION_REQUIRED = "organization_selection_required"

ACCESS_DENIED = "access_denied"
TOO_MANY_REQUESTS = "too_many_requests"

# An organization switch that ends so goes on at the server's own pages.
NEEDS_INTERACTION = frozenset({SSO_REQUIRED, MFA_ENROLLMENT, MFA_CHALLENGE, OTHER_METHODS_REQUIRED})
