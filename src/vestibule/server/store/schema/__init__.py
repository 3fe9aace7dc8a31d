"""Every table. What must stay secret is hashed (compared only) or sealed (read again), never in clear."""

from vestibule.server.store.schema.activity import activity_days
from vestibule.server.store.schema.applications import applications, client_secrets, consents
from vestibule.server.store.schema.branding import branding, branding_pictures
from vestibule.server.store.schema.clients import cors_origins, device_codes, jwt_templates
from vestibule.server.store.schema.environment import api_keys, environment, redirect_uris, signing_keys
from vestibule.server.store.schema.factors import (
    authentication_challenges,
    authentication_factors,
    authentication_policies,
    passkey_challenges,
    passkeys,
    recovery_codes,
)
from vestibule.server.store.schema.flags import feature_flags, flag_organizations, flag_users
from vestibule.server.store.schema.groups import group_members, groups
from vestibule.server.store.schema.imports import import_jobs, import_problems
from vestibule.server.store.schema.invitations import email_changes, invitations, magic_codes
from vestibule.server.store.schema.keys import impersonations, owned_api_keys
from vestibule.server.store.schema.leaving import events, idempotent_requests, mails, rate_windows
from vestibule.server.store.schema.metadata import metadata
from vestibule.server.store.schema.operators import operators, setup_links
from vestibule.server.store.schema.organizations import (
    memberships,
    organization_domains,
    organization_terms,
    organizations,
    permissions,
    role_permissions,
    roles,
)
from vestibule.server.store.schema.people import (
    email_verifications,
    identities,
    password_credentials,
    password_resets,
    pending_authentications,
    user_terms,
    users,
)
from vestibule.server.store.schema.signing_in import (
    authorization_codes,
    browser_sessions,
    logins,
    refresh_tokens,
    sessions,
)
from vestibule.server.store.schema.webhooks import webhook_deliveries, webhook_endpoints

__all__ = [
    "activity_days",
    "api_keys",
    "applications",
    "authentication_challenges",
    "authentication_factors",
    "authentication_policies",
    "authorization_codes",
    "branding",
    "branding_pictures",
    "browser_sessions",
    "client_secrets",
    "consents",
    "cors_origins",
    "device_codes",
    "email_changes",
    "email_verifications",
    "environment",
    "events",
    "feature_flags",
    "flag_organizations",
    "flag_users",
    "group_members",
    "groups",
    "idempotent_requests",
    "identities",
    "impersonations",
    "import_jobs",
    "import_problems",
    "invitations",
    "jwt_templates",
    "logins",
    "magic_codes",
    "mails",
    "memberships",
    "metadata",
    "operators",
    "organization_domains",
    "organization_terms",
    "organizations",
    "owned_api_keys",
    "passkey_challenges",
    "passkeys",
    "password_credentials",
    "password_resets",
    "pending_authentications",
    "permissions",
    "rate_windows",
    "recovery_codes",
    "redirect_uris",
    "refresh_tokens",
    "role_permissions",
    "roles",
    "sessions",
    "setup_links",
    "signing_keys",
    "user_terms",
    "users",
    "webhook_deliveries",
    "webhook_endpoints",
]
