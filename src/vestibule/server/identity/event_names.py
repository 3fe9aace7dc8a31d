"""The names of events: those of the published interface, had here yet or not, and our own."""

from collections.abc import Mapping
from typing import Final

_GROUPS: Final[Mapping[str, str]] = {
    "agent.registration": "created claim.attempt.created claim.completed credential.issued deleted refreshed "
    "expired organization.switched revoked",
    "api_key": "created revoked updated",
    "authentication": "email_verification_succeeded magic_auth_failed magic_auth_succeeded mfa_succeeded "
    "oauth_failed oauth_succeeded passkey_failed passkey_succeeded password_failed password_succeeded "
    "radar_risk_detected reauthentication_succeeded sso_failed sso_started sso_succeeded sso_timed_out",
    "connection": "activated deactivated deleted saml_certificate_renewal_required saml_certificate_renewed",
    "dsync": "activated deleted group.created group.deleted group.updated group.user_added "
    "group.user_removed user.created user.deleted user.updated",
    "email_verification": "created",
    "flag": "created deleted rule_updated updated",
    "group": "created deleted member_added member_removed updated",
    "invitation": "accepted created resent revoked",
    "magic_auth": "created",
    "organization": "created deleted updated",
    "organization_domain": "created deleted updated verification_failed verified",
    "organization_membership": "created deleted updated",
    "organization_role": "created deleted updated",
    "password_reset": "created succeeded",
    "permission": "created deleted updated",
    "pipes.connected_account": "connected connection_failed disconnected reauthorization_needed",
    "radar": "challenge_created",
    "role": "created deleted updated",
    "session": "created revoked",
    "user": "created deleted updated",
    "waitlist_user": "approved created denied",
}

PUBLISHED: Final = frozenset(f"{group}.{name}" for group, names in _GROUPS.items() for name in names.split())

OWN: Final = frozenset(
    {
        "account.exported",
        "application.created",
        "application.deleted",
        "application.updated",
        "authentication.email_verification_failed",
        "authentication.mfa_failed",
        "authentication_factor.created",
        "authentication_factor.deleted",
        "authentication_factor.verified",
        "authentication_policy.updated",
        "browser_session.revoked",
        "branding.updated",
        "client_secret.created",
        "client_secret.deleted",
        "consent.granted",
        "consent.revoked",
        "cors_origin.created",
        "cors_origin.deleted",
        "environment.updated",
        "environment_api_key.created",
        "environment_api_key.replaced",
        "environment_api_key.revoked",
        "identity.deleted",
        "impersonation.created",
        "import.cancelled",
        "import.created",
        "import.failed",
        "import.finished",
        "jwt_template.deleted",
        "jwt_template.updated",
        "mail.retried",
        "mail.tested",
        "operator.created",
        "operator.deleted",
        "operator.updated",
        "organization_domain_policy.updated",
        "organization_entitlements.updated",
        "passkey.created",
        "passkey.deleted",
        "passkey.updated",
        "password.created",
        "password.updated",
        "recovery_code.used",
        "recovery_codes.created",
        "redirect_uri.created",
        "redirect_uri.deleted",
        "redirect_uri.updated",
        "session.code_reused",
        "session.refresh_token_reused",
        "user.suspended",
        "user.unsuspended",
        "webhook_delivery.replayed",
        "webhook_endpoint.created",
        "webhook_endpoint.deleted",
        "webhook_endpoint.replayed",
        "webhook_endpoint.secret_replaced",
        "webhook_endpoint.tested",
        "webhook_endpoint.updated",
    }
)

KNOWN: Final = PUBLISHED | OWN
