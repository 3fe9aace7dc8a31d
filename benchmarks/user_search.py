"""How long a search of the dashboard takes among many users, and what it costs to keep them found.

.venv/bin/python -m benchmarks.user_search [users] [sqlite:///path | postgresql://…]
"""

import datetime as dt
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, text

from vestibule.server.identity.context import Identity
from vestibule.server.identity.user_search import Filters, search_users
from vestibule.server.settings import Settings
from vestibule.server.store import user_terms as terms
from vestibule.server.store.schema import memberships, organizations, user_terms, users
from vestibule.server.store.store import Store

FIRST: Final = (  # noqa: SIM905
    "Ada Alan Grace Linus Maria José Anna Peter Paul John Jane Lena Noah Emma Olivia Liam Sofia Mia Ben Leo "
    "Zoé Yuki Wei Chen Fatima Omar Ali Ivan Olga Nina Tom Tim Kim Lee Max Eva Ida Ole Sven Lars"
).split()
LAST: Final = "son berg mann ström er ova ez stein ley ford".split()  # noqa: SIM905
DOMAINS: Final = ("gmail.com", "outlook.com", "acme.com", "acme.org", "example.com")
AT_ONCE: Final = 10_000
START: Final = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
NOW: Final = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
TRIES: Final = 40
SECRET: Final = "a-secret-that-only-this-measurement-knows-of"


def person(number: int, dice: random.Random) -> dict[str, Any]:
    first = dice.choice(FIRST)
    last = "".join(dice.choice("bcdfghklmnprstvw") + dice.choice("aeiou") for _ in range(2)).title()
    last += dice.choice(LAST)
    company = f"company{dice.randrange(5_000)}.example"
    domain = company if dice.random() < 0.4 else dice.choice(DOMAINS)
    email = terms.fold(f"{first}.{last}{number}@{domain}")
    made = START + dt.timedelta(seconds=80 * number)
    seen = dice.random() < 0.7
    return {
        "id": f"user_{number:026d}",
        "email": email,
        "email_key": email,
        "email_verified": dice.random() < 0.9,
        "first_name": first,
        "last_name": last,
        "metadata": {},
        "last_sign_in_at": made + dt.timedelta(seconds=dice.randrange(10_000_000)) if seen else None,
        "suspended_at": NOW if dice.random() < 0.0005 else None,
        "created_at": made,
        "updated_at": made,
    }


def fill(store: Store, count: int) -> tuple[float, float]:
    """Seconds for the users, and for what they are found by."""
    dice, plain, searched = random.Random(7), 0.0, 0.0  # noqa: S311 - the same people each time
    for start in range(0, count, AT_ONCE):
        rows = [person(start + each, dice) for each in range(min(AT_ONCE, count - start))]
        with store.transaction() as tx:
            began = time.perf_counter()
            tx.connection.execute(insert(users), rows)
            between = time.perf_counter()
            terms.add_terms(tx.connection, [(row["id"], row) for row in rows])
            plain += between - began
            searched += time.perf_counter() - between
    made = {"created_at": START, "updated_at": START}
    with store.transaction() as tx:
        for name, size in (("org_small", 20), ("org_large", count // 4)):
            tx.connection.execute(
                insert(organizations).values(id=name, name=name, metadata={}, entitlements=[], **made)
            )
            rows = [
                {"id": f"om_{name}_{each}", "user_id": f"user_{each * 3:026d}", "organization_id": name}
                | {"status": "active", "role": "member", "roles": ["member"], **made}
                for each in range(size)
            ]
            tx.connection.execute(insert(memberships), rows)
    if store.dialect == "postgresql":
        with store.transaction() as tx:
            tx.connection.execute(text("ANALYZE"))
    return plain, searched


SEARCHES: Final[dict[str, tuple[str, Filters]]] = {
    "nothing typed": ("", Filters()),
    "one letter": ("a", Filters()),
    "a first name": ("maria", Filters()),
    "the beginning of a last name": ("babe", Filters()),
    "first and last name": ("maria bab", Filters()),
    "two frequent words": ("peter @gmail", Filters()),
    "three words": ("john kit @acme", Filters()),
    "a frequent name, and nobody": ("anna zzz", Filters()),
    "an address": ("ada.", Filters()),
    "a frequent domain": ("@gmail", Filters()),
    "a company": ("@company77.", Filters()),
    "suspended": ("", Filters(suspended=True)),
    "suspended, one letter": ("a", Filters(suspended=True)),
    "unverified, a name": ("lars", Filters(unverified=True)),
    "a small organization": ("", Filters(organization_id="org_small")),
    "a name in a small organization": ("ada", Filters(organization_id="org_small")),
    "a name in a large organization": ("ada", Filters(organization_id="org_large")),
    "signed in lately": ("", Filters(signed_in_since=NOW - dt.timedelta(days=200))),
    "a name, signed in lately": ("eva", Filters(signed_in_since=NOW - dt.timedelta(days=200))),
}


def timed(call: Callable[[], Any]) -> list[float]:
    taken = []
    for _ in range(TRIES):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def p95(taken: list[float]) -> float:
    """Of values in order."""
    return taken[int(len(taken) * 0.95) - 1]


def measure(identity: Identity) -> None:
    print(f"\n{'search':34} {'first':>8} {'median':>8} {'p95':>8} {'found':>6}   (ms)")
    every: list[float] = []
    for name, (query, filters) in SEARCHES.items():
        began = time.perf_counter()
        found = search_users(identity, query, filters)
        first = (time.perf_counter() - began) * 1000
        taken = timed(lambda query=query, filters=filters: search_users(identity, query, filters))  # type: ignore[misc]
        every += taken
        print(
            f"{name:34} {first:8.1f} {statistics.median(taken):8.1f} {p95(taken):8.1f} {len(found.users):6}"
        )
    every.sort()
    print(f"{'all':34} {'':8} {statistics.median(every):8.1f} {p95(every):8.1f}")


def cost_of_one(store: Store) -> None:
    """A user made in a transaction of its own, with and without the rows for the search."""
    dice = random.Random(11)  # noqa: S311
    for searched in (False, True):
        taken = []
        for number in range(300):
            row = person(50_000_000 + number, dice)
            began = time.perf_counter()
            with store.transaction() as tx:
                tx.connection.execute(insert(users).values(**row))
                if searched:
                    terms.add_terms(tx.connection, [(row["id"], row)])
            taken.append((time.perf_counter() - began) * 1000)
        print(f"one user {'with' if searched else 'without'} terms: {statistics.median(taken):.2f} ms")
        with store.transaction() as tx:
            tx.connection.execute(delete(users).where(users.c.id >= f"user_{50_000_000:026d}"))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="vestibule-users-") as folder:
        url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(folder) / 'users.db'}"
        with closing(Store(url)) as store:
            store.migrate()
            with store.read() as tx:
                there = tx.connection.execute(select(func.count()).select_from(users)).scalar_one()
            if not there:
                plain, searched = fill(store, count)
                print(f"{count:,} users: {plain:.0f} s, and {searched:.0f} s for what they are found by")
            with store.read() as tx:
                rows = tx.connection.execute(select(func.count()).select_from(user_terms)).scalar_one()
            print(f"{store.dialect}: {rows:,} terms")
            measure(Identity(store, Settings(public_url="http://localhost", database=url, secret=SECRET)))
            cost_of_one(store)


if __name__ == "__main__":
    main()
