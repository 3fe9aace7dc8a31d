"""Roles by permissions in one form.

It sends what it showed along with what was ticked, so that only what this operator changed is changed: what
another one did meanwhile stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vestibule.server.identity.models import Permission, Role

ROWS: Final = 60
MOST_PERMISSIONS: Final = 500
MOST_FIELDS: Final = 6_000

Changes = Mapping[str, tuple[Sequence[str], Sequence[str]]]
"""By the slug of a role, what it gets and what it loses."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """One page of it: `shown` says for each role which of the permissions it had, a digit each."""

    roles: Sequence[Role]
    permissions: Sequence[Permission]
    ticked: frozenset[tuple[str, str]]

    @property
    def shown(self) -> str:
        return " ".join(
            "".join(str(int(row.slug in role.permissions)) for row in self.permissions) for role in self.roles
        )

    @property
    def groups(self) -> Sequence[tuple[str, Sequence[tuple[int, Permission]]]]:
        """Rows by what stands before the first colon, each with its number."""
        found: dict[str, list[tuple[int, Permission]]] = {}
        for number, row in enumerate(self.permissions):
            found.setdefault(row.slug.partition(":")[0] if ":" in row.slug else "", []).append((number, row))
        return list(found.items())


def matrix(roles: Sequence[Role], permissions: Sequence[Permission]) -> Matrix:
    had = frozenset((role.slug, each) for role in roles for each in role.permissions)
    return Matrix(roles, permissions, had)


def with_changes(old: Matrix, changes: Changes) -> Matrix:
    """As it was sent, to be shown again: nothing that was ticked is lost."""
    ticked = set(old.ticked)
    for role, (added, removed) in changes.items():
        ticked |= {(role, each) for each in added}
        ticked -= {(role, each) for each in removed}
    return Matrix(old.roles, old.permissions, frozenset(ticked))


def read_changes(form: Mapping[str, str]) -> Changes | None:
    """None for what is no form of ours."""
    roles, rows = form.get("roles", "").split(), form.get("permissions", "").split()
    shown = form.get("shown", "").split()
    if not roles or len(shown) != len(roles) or any(len(each) != len(rows) for each in shown):
        return None
    changes: dict[str, tuple[list[str], list[str]]] = {}
    for column, role in enumerate(roles):
        added, removed = [], []
        for row, permission in enumerate(rows):
            had, has = shown[column][row] == "1", f"c-{column}-{row}" in form
            if has and not had:
                added.append(permission)
            elif had and not has:
                removed.append(permission)
        if added or removed:
            changes[role] = (added, removed)
    return changes


def was_changed_meanwhile(form: Mapping[str, str], after: Sequence[Role]) -> bool:
    """Whether a saved role differs from what was on the page: somebody else was at work there, too."""
    roles, rows = form.get("roles", "").split(), form.get("permissions", "").split()
    for role in after:
        column = roles.index(role.slug)
        if any((f"c-{column}-{row}" in form) != (slug in role.permissions) for row, slug in enumerate(rows)):
            return True
    return False
