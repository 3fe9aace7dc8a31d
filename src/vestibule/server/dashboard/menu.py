"""The dashboard's table of contents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from vestibule.server.identity.operators import Right


@dataclass(frozen=True, slots=True)
class Entry:
    title: str
    path: str
    icon: str
    """A symbol of templates/dashboard/icons.html."""
    right: Right = "read"
    here: bool = False
    also: tuple[str, ...] = ()
    """Further pages that belong to it."""


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    entries: Sequence[Entry]


GROUPS: Final = (
    Group(
        "",
        (
            Entry("Overview", "/dashboard", "overview"),
            Entry("Getting started", "/dashboard/getting-started", "start"),
        ),
    ),
    Group(
        "People",
        (
            Entry(
                "Users",
                "/dashboard/users",
                "users",
                also=("/dashboard/imports", "/dashboard/impersonations"),
            ),
            Entry("Organizations", "/dashboard/organizations", "organizations"),
            Entry("Roles", "/dashboard/roles", "roles"),
            Entry("Feature flags", "/dashboard/flags", "flags"),
        ),
    ),
    Group(
        "Activity",
        (
            Entry("Events", "/dashboard/events", "events"),
            Entry("Webhooks", "/dashboard/webhooks", "webhooks"),
        ),
    ),
    Group(
        "Configuration",
        (
            Entry("Application", "/dashboard/application", "application"),
            Entry("Connected apps", "/dashboard/applications", "plug"),
            Entry("API keys", "/dashboard/api-keys", "keys"),
            Entry("Sign-in", "/dashboard/sign-in", "factors"),
            Entry("JWT template", "/dashboard/jwt-template", "template"),
            Entry("Branding", "/dashboard/branding", "branding"),
            Entry("Emails", "/dashboard/emails", "mail"),
            Entry("Signing keys", "/dashboard/signing-keys", "signing"),
            Entry("Operators", "/dashboard/operators", "operators", right="own"),
            Entry("Settings", "/dashboard/settings", "settings", right="manage"),
            Entry("Health", "/dashboard/health", "health"),
        ),
    ),
)


def menu(path: str, may: Callable[[Right], bool]) -> Sequence[Group]:
    """What this operator may open; the entry whose page `path` belongs to is marked."""
    return [
        Group(
            group.title,
            [
                replace(each, here=any(_is_at(place, path) for place in (each.path, *each.also)))
                for each in group.entries
                if may(each.right)
            ],
        )
        for group in GROUPS
    ]


def _is_at(entry: str, path: str) -> bool:
    return path == entry or (entry != "/dashboard" and path.startswith(f"{entry}/"))
