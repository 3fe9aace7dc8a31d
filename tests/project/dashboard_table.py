"""Every page and form of the dashboard: which role it takes, and whether it asks to sign in again.

`python -m tests.project.dashboard_table` writes the page.
"""

from collections.abc import Iterator

from tests.project.tree import ROOT
from vestibule.server.dashboard.deeds import Deed
from vestibule.server.dashboard.desk import HOME
from vestibule.server.dashboard.menu import GROUPS
from vestibule.server.dashboard.routes import PARTS
from vestibule.server.identity.operators import LEAST_ROLE

PAGE = ROOT / "docs" / "reference" / "dashboard.md"
INTRODUCTION = """\
# Pages of the dashboard

Which role an [operator](../how-to/operators.md) needs for each page and each form of [the
dashboard](../how-to/dashboard.md). A role may do what those before it may: `auditor`, `support`, `admin`,
`owner`. *Again* means that who signed in more than ten minutes ago is asked to do so again first.

A form carries a token that no other site can make, and one that another site sends is refused. Every address
can be opened directly: who is not signed in signs in first, and comes back.

Written by `python -m tests.project.dashboard_table` from the code; a test fails when it no longer says what
is in the tree.
"""
SETUP = """\
## First start

| Page or form | Least role | |
| --- | --- | --- |
| `GET /dashboard/setup` | who has the link | |
| `POST /dashboard/setup` | who has the link | |
"""


def page() -> str:
    return "\n".join([INTRODUCTION, SETUP, *_tables()])


def _tables() -> Iterator[str]:
    deeds = [each for part in PARTS for each in part]
    for entry in [entry for group in GROUPS for entry in group.entries]:
        mine = [each for each in deeds if _owner_of(each.path) == entry.path]
        if mine:
            yield f"## {entry.title}\n\n| Page or form | Least role | |\n| --- | --- | --- |\n" + _rows(mine)
    rest = [each for each in deeds if not _owner_of(each.path)]
    if rest:
        yield "## Further\n\n| Page or form | Least role | |\n| --- | --- | --- |\n" + _rows(rest)


def _rows(deeds: list[Deed]) -> str:
    ordered = sorted(deeds, key=lambda each: (each.path, each.method))
    return "".join(
        f"| `{each.method} {each.path}` | `{LEAST_ROLE[each.right]}` | {'again' if each.fresh else ''} |\n"
        for each in ordered
    )


def _owner_of(path: str) -> str:
    """The entry of the menu that a page belongs to."""
    entries = [entry.path for group in GROUPS for entry in group.entries]
    found = [each for each in entries if path == each or (each != HOME and path.startswith(f"{each}/"))]
    return max(found, key=len, default="")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
