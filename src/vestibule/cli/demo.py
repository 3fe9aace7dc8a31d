"""What a development server holds from the beginning, so that a newcomer can sign in at once."""

from typing import Any, Final

from vestibule.server.identity import api_keys, passwords, seeding, users
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.errors import IdentityError
from vestibule.server.identity.operators import ensure_operator
from vestibule.server.state import State

CALLBACK: Final = "/auth/callback"
CALLBACKS: Final = (CALLBACK, "/callback", "/api/auth/callback")
EMAIL: Final = "ada@example.com"
ENGINES: Final = "org_01DEM0ANA1YT1CA1ENG1NES000"


def sow(identity: Identity, state: State, *, app_url: str) -> None:
    """The demo data, and the addresses of the application under development."""
    update_environment(
        identity,
        app_homepage_url=app_url,
        sign_out_redirect=app_url,
        initiate_login_url=f"{app_url}/auth/sign-in",
    )
    seeding.seed(identity, demo_data(state))
    ensure_operator(identity, EMAIL, "owner")
    _keep_password(identity, state)


def demo_data(state: State) -> dict[str, Any]:
    """Somebody to sign in as. One organization only: a second would make every sign-in ask which."""
    ada = {"email": EMAIL, "password": state.demo_password, "email_verified": True}
    return {
        "redirect_uris": [{"uri": f"http://localhost{path}"} for path in CALLBACKS],
        "roles": [
            {"slug": "admin", "name": "Admin", "permissions": ["reports:read", "reports:delete"]},
            {"slug": "member", "name": "Member", "permissions": ["reports:read"]},
        ],
        "organizations": [{"id": ENGINES, "name": "Analytical Engines"}],
        "users": [ada | {"first_name": "Ada", "last_name": "Lovelace"}],
        "memberships": [{"email": EMAIL, "organization_id": ENGINES, "role": "admin"}],
    }


def api_key(identity: Identity, state: State) -> str:
    """The same one as long as the database is the same: only its digest is in there."""
    database = identity.settings.database
    known = state.api_key(database)
    if known is not None and api_keys.find_api_key(identity, known) is not None:
        return known
    _, value = api_keys.create_api_key(identity, "Development")
    state.remember_api_key(database, value)
    return value


def _keep_password(identity: Identity, state: State) -> None:
    """The printed password is the one that works, whatever happened to the account since."""
    try:
        passwords.verify_password(identity, EMAIL, state.demo_password)
    except IdentityError:
        user = users.find_user_by_email(identity, EMAIL)
        if user is not None:
            users.update_user(identity, user.id, changes={"password": state.demo_password})
