"""Who uses the examples, and what they do at the server's own pages."""

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.e2e.people import PASSWORD, enter_code, fill_in_sign_up, heading, identify, prove, read_code

if TYPE_CHECKING:
    from tests.frontends.example import World

GRACE, ADA = "grace@example.com", "ada@example.com"
"""Grace is in one organization; Ada is in two, and is asked which when she signs in."""
ENGINES, TIDES = "Analytical Engines", "Society of Tides"
SEED = {
    "redirect_uris": [
        {"uri": f"http://localhost{path}"}
        for path in ("/auth/callback", "/callback", "/api/auth/callback", "/")
    ],
    "cors_origins": [{"origin": "http://localhost:1"}],  # any port, on a loopback address in staging
    "roles": [
        {"slug": "admin", "name": "Admin", "permissions": ["reports:read", "reports:delete"]},
        {"slug": "visitor", "name": "Visitor", "permissions": []},
    ],
    "organizations": [{"id": "org_engines", "name": ENGINES}, {"id": "org_tides", "name": TIDES}],
    "users": [
        {
            "email": GRACE,
            "password": PASSWORD,
            "email_verified": True,
            "first_name": "Grace",
            "last_name": "Hopper",
        },
        {
            "email": ADA,
            "password": PASSWORD,
            "email_verified": True,
            "first_name": "Ada",
            "last_name": "Lovelace",
        },
    ],
    "memberships": [
        {"email": GRACE, "organization_id": "org_engines", "role": "admin"},
        {"email": ADA, "organization_id": "org_engines", "role": "admin"},
        {"email": ADA, "organization_id": "org_tides", "role": "visitor"},
    ],
}


def sign_up(page: Page, world: "World", email: str) -> None:
    """From the hosted form to the way back into the app."""
    heading(page, "Create your account")
    fill_in_sign_up(page, email)
    page.get_by_role("button", name="Create account").click()
    heading(page, "Confirm your email address")
    enter_code(page, read_code(page, world, email), "Confirm")  # type: ignore[arg-type]


def sign_in(page: Page, email: str, *, organization: str | None = None) -> None:
    heading(page, "Sign in")
    identify(page, email)
    prove(page)
    if organization is not None:
        page.get_by_role("button", name=re.compile(organization)).click()


def is_at_sign_in(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
