"""The pages of the account, each a place to look at and what its forms do."""

from typing import Final

from starlette.routing import Route

from vestibule.server.account import (
    api_keys,
    authenticator,
    connected_apps,
    email_address,
    organizations,
    own_data,
    passkeys,
    password,
    profile,
    recovery_codes,
    security,
    sessions,
)
from vestibule.server.account.endpoint import Answer, endpoint
from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity

ONE_ORGANIZATION: Final = "/account/organizations/{organization_id}"
ONE_PASSKEY: Final = "/account/security/passkeys/{passkey_id}"
ONE_KEY: Final = "/account/api-keys/{key_id}"


def routes(identity: Identity, hops: Hops) -> list[Route]:
    """`sensitive` pages ask for a recent sign-in before there is a form to fill in, and when it comes."""

    def page(path: str, show: Answer, *, sensitive: bool = False) -> Route:
        return Route(path, endpoint(show, identity, hops, back=path, sensitive=sensitive), methods=["GET"])

    def deed(
        path: str, act: Answer, *, back: str = "", sensitive: bool = False, hashes: bool = False
    ) -> Route:
        answer = endpoint(act, identity, hops, back=back or path, sensitive=sensitive, hashes=hashes)
        return Route(path, answer, methods=["POST"])

    def form(
        path: str, show: Answer, act: Answer, *, sensitive: bool = False, hashes: bool = False
    ) -> list[Route]:
        return [page(path, show, sensitive=sensitive), deed(path, act, sensitive=sensitive, hashes=hashes)]

    return [
        *form("/account", profile.show, profile.submit),
        *form("/account/email", email_address.show, email_address.submit, sensitive=True),
        *form("/account/email/confirm", email_address.show_confirm, email_address.confirm, sensitive=True),
        page("/account/security", security.show),
        *form("/account/security/password", password.show, password.submit, sensitive=True, hashes=True),
        *form("/account/security/passkeys", passkeys.show, passkeys.submit, sensitive=True),
        deed(
            "/account/security/passkeys/options",
            passkeys.options,
            back="/account/security/passkeys",
            sensitive=True,
        ),
        *form(ONE_PASSKEY, passkeys.show_one, passkeys.change_one, sensitive=True),
        *form("/account/security/authenticator", authenticator.show, authenticator.submit, sensitive=True),
        deed(
            "/account/security/authenticator/remove",
            authenticator.remove,
            back="/account/security/authenticator",
            sensitive=True,
        ),
        *form("/account/security/recovery-codes", recovery_codes.show, recovery_codes.submit, sensitive=True),
        *form("/account/sessions", sessions.show, sessions.end),
        page("/account/organizations", organizations.show),
        *form("/account/organizations/new", organizations.show_new, organizations.create),
        page(ONE_ORGANIZATION, organizations.show_one),
        deed(f"{ONE_ORGANIZATION}/invite", organizations.invite, back=ONE_ORGANIZATION),
        deed(f"{ONE_ORGANIZATION}/withdraw", organizations.withdraw, back=ONE_ORGANIZATION),
        deed(f"{ONE_ORGANIZATION}/leave", organizations.leave, back=ONE_ORGANIZATION),
        *form("/account/connected-apps", connected_apps.show, connected_apps.remove),
        page("/account/api-keys", api_keys.show),
        *form("/account/api-keys/new", api_keys.show_new, api_keys.create, sensitive=True),
        *form(ONE_KEY, api_keys.show_one, api_keys.revoke, sensitive=True),
        page("/account/data", own_data.show),
        deed("/account/data/export", own_data.export, back="/account/data", sensitive=True),
        *form("/account/delete", own_data.show_delete, own_data.delete, sensitive=True),
    ]
