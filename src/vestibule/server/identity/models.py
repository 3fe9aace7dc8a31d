"""What the rules return: each value named and spelled as the API shows it."""

from vestibule.server.store.api_keys import ApiKey
from vestibule.server.store.branding import Picture
from vestibule.server.store.browser_sessions import BrowserSession
from vestibule.server.store.cors_origins import CorsOrigin
from vestibule.server.store.environment import Environment
from vestibule.server.store.jwt_templates import JwtTemplate
from vestibule.server.store.memberships import Membership
from vestibule.server.store.operators import Operator
from vestibule.server.store.organization_domains import OrganizationDomain
from vestibule.server.store.organizations import Organization
from vestibule.server.store.permissions import Permission
from vestibule.server.store.redirect_uris import RedirectUri
from vestibule.server.store.roles import Role
from vestibule.server.store.sessions import Session
from vestibule.server.store.signing_keys import SigningKey

__all__ = [
    "ApiKey",
    "BrowserSession",
    "CorsOrigin",
    "Environment",
    "JwtTemplate",
    "Membership",
    "Operator",
    "Organization",
    "OrganizationDomain",
    "Permission",
    "Picture",
    "RedirectUri",
    "Role",
    "Session",
    "SigningKey",
]
