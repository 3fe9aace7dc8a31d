"""The way around the account, and what its pages say after a deed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vestibule.server.languages import mark

ENTRIES: Final = (
    ("/account", mark("Profile"), "person"),
    ("/account/security", mark("Security"), "shield"),
    ("/account/sessions", mark("Sessions"), "devices"),
    ("/account/organizations", mark("Organizations"), "building"),
    ("/account/connected-apps", mark("Connected apps"), "plug"),
    ("/account/api-keys", mark("API keys"), "key"),
    ("/account/data", mark("Your data"), "box"),
)
BELONGS: Final = {"email": "", "delete": "data"}
"""Pages that stand in the menu under another name."""

SAID: Final[Mapping[str, str]] = {
    "profile": mark("Your profile is saved."),
    "email": mark("Your email address is changed."),
    "password": mark("Your password is saved."),
    "passkey": mark("Your passkey is ready. You can sign in with it from now on."),
    "passkey-renamed": mark("The passkey has a new name."),
    "passkey-removed": mark("The passkey is removed. Delete it in your password manager, too."),
    "authenticator-removed": mark("The authenticator app is removed."),
    "signed-out": mark("That device is signed out."),
    "others-signed-out": mark("Every other device is signed out."),
    "organization": mark("The organization is ready. Invite your colleagues."),
    "left": mark("You have left the organization."),
    "invited": mark("The invitation is on its way."),
    "withdrawn": mark("The invitation is withdrawn, and its link is dead."),
    "app-removed": mark("The app is removed, and signed out of your account."),
    "key-revoked": mark("The API key is revoked."),
}


@dataclass(frozen=True, slots=True)
class Entry:
    path: str
    title: str
    icon: str
    here: bool


def menu(here: str, say: Callable[[str], str]) -> Sequence[Entry]:
    below = here.removeprefix("/account").strip("/").partition("/")[0]
    place = f"/account/{BELONGS.get(below, below)}".rstrip("/")
    return [Entry(path, say(title), icon, path == place) for path, title, icon in ENTRIES]
