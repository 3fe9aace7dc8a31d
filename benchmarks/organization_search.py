"""How long the search for an organization takes among many: while an operator types, and for the API.

.venv/bin/python -m benchmarks.organization_search [organizations] [sqlite:///path | postgresql://…]
"""

import datetime as dt
import random
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, insert, select, text

from benchmarks.user_search import AT_ONCE, SECRET, START, p95, timed
from vestibule.server.identity.context import Identity
from vestibule.server.identity.organizations import list_organizations, search_organizations
from vestibule.server.identity.paging import Page
from vestibule.server.settings import Settings
from vestibule.server.store.organization_terms import terms_of
from vestibule.server.store.schema import organization_domains, organization_terms, organizations
from vestibule.server.store.store import Store

WORDS: Final = (  # noqa: SIM905
    "Analytical Northern Royal United Blue Silver Atlas Vega Orion Harbor Meadow Summit Pioneer Beacon Copper"
).split()
TRADES: Final = "Engines Foods Systems Partners Studio Logistics Energy Health Works Labs".split()  # noqa: SIM905
FORMS: Final = ("GmbH", "Ltd", "Inc", "SA", "Group")
MOST: Final = 51
WANTED: Final = Page(limit=25)


def organization(number: int, dice: random.Random) -> dict[str, Any]:
    own = "".join(dice.choice("bcdfghklmnprstvw") + dice.choice("aeiou") for _ in range(3)).title()
    made = START + dt.timedelta(seconds=600 * number)
    return {
        "id": f"org_{number:026d}",
        "name": f"{own} {dice.choice(WORDS)} {dice.choice(TRADES)} {dice.choice(FORMS)}",
        "external_id": f"crm-{number}",
        "metadata": {},
        "entitlements": [],
        "created_at": made,
        "updated_at": made,
    }


def domain_of(row: dict[str, Any]) -> dict[str, Any]:
    name = f"{row['name'].partition(' ')[0].lower()}{row['external_id'].removeprefix('crm-')}.example"
    return {
        "id": row["id"].replace("org_", "org_domain_"),
        "organization_id": row["id"],
        "domain": name,
        "state": "verified",
        "verification_strategy": "manual",
        "verification_prefix": "",
        "verification_token": "",
        "verify_until": START,
        "created_at": START,
        "updated_at": START,
    }


def fill(store: Store, count: int) -> None:
    """Each with a domain and the words it is found by."""
    dice = random.Random(13)  # noqa: S311 - the same ones each time
    for start in range(0, count, AT_ONCE):
        rows = [organization(start + each, dice) for each in range(min(AT_ONCE, count - start))]
        domains = [domain_of(row) for row in rows]
        terms = [
            {"term": term, "organization_id": row["id"]}
            for row, domain in zip(rows, domains, strict=True)
            for term in terms_of(row["name"], row["external_id"], [domain["domain"]])
        ]
        with store.transaction() as tx:
            tx.connection.execute(insert(organizations), rows)
            tx.connection.execute(insert(organization_domains), domains)
            tx.connection.execute(insert(organization_terms), terms)
    if store.dialect == "postgresql":
        with store.transaction() as tx:
            tx.connection.execute(text("ANALYZE"))


TYPED: Final = {
    "one letter": "a",
    "the beginning of a name": "bab",
    "a word that many have": "north",
    "the form of the company": "gmbh",
    "a domain": "babebi",
    "an external id": "crm-777",
    "nobody": "zzzz",
}
ASKED: Final = {
    "API: a part that many have": "ern",
    "API: a part that few have": "bebib",
    "API: nobody": "zzzz",
}


def searches(identity: Identity) -> dict[str, Callable[[], Any]]:
    def typing(typed: str) -> Callable[[], Any]:
        return lambda: search_organizations(identity, typed, most=MOST)

    def asking(part: str) -> Callable[[], Any]:
        return lambda: list_organizations(identity, WANTED, search=part)

    every: dict[str, Callable[[], Any]] = {"nothing typed": lambda: list_organizations(identity, WANTED)}
    every |= {name: typing(typed) for name, typed in TYPED.items()}
    return every | {name: asking(part) for name, part in ASKED.items()}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="vestibule-organizations-") as folder:
        url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(folder) / 'organizations.db'}"
        with closing(Store(url)) as store:
            store.migrate()
            with store.read() as tx:
                there = tx.connection.execute(select(func.count()).select_from(organizations)).scalar_one()
            if not there:
                fill(store, count)
            identity = Identity(store, Settings(public_url="http://localhost", database=url, secret=SECRET))
            print(f"{store.dialect}: {there or count:,} organizations")
            print(f"{'search':34} {'best':>8} {'median':>8} {'p95':>8}   (ms)")
            for name, search in searches(identity).items():
                taken = timed(search)
                print(f"{name:34} {taken[0]:8.1f} {statistics.median(taken):8.1f} {p95(taken):8.1f}")


if __name__ == "__main__":
    main()
