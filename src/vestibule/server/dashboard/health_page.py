"""How the server is, each thing with a verdict and what to do about it."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.hops import THREADS, Load
from vestibule.server.housekeeping import EVERY_SECONDS, ROUNDS
from vestibule.server.identity.vitals import Vitals, read_vitals
from vestibule.server.settings import Settings
from vestibule.server.store.vitals import Queue

PATIENCE: Final = dt.timedelta(minutes=5)
"""Mail and webhooks leave within seconds, unless the other side is away."""
OLD_KEY: Final = dt.timedelta(days=365)
CLOCKS_DIFFER: Final = 5.0  # seconds: the shortest times that count here are some ten
UNITS: Final = ("bytes", "KB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Check:
    """`advice`: what to do; '' when all is well."""

    title: str
    says: str
    advice: str = ""
    facts: Sequence[tuple[str, str]] = ()
    link: str = ""
    link_text: str = ""

    @property
    def good(self) -> bool:
        return not self.advice


def show(desk: Desk) -> Response:
    vitals = read_vitals(desk.identity)
    load = desk.request.app.state.hops.load()
    checks = [*_checks(desk, vitals), _threads(load), _housekeeping(desk), _limits(desk, vitals)]
    return desk.page("health.html", checks=checks, troubles=[each for each in checks if not each.good])


def _checks(desk: Desk, vitals: Vitals) -> Iterator[Check]:
    now, settings = desk.identity.now, desk.identity.settings
    yield _database(vitals, desk.identity.store.connections_in_use())
    yield _mail(vitals.mails, settings, now)
    yield _webhooks(vitals.webhooks, now)
    yield _signing_key(vitals.key_age)
    yield _clock(vitals.clock_off, now)


def _database(vitals: Vitals, connections: int) -> Check:
    found = vitals.database
    return Check(
        "Database",
        f"{found.kind} {found.version} answers.",
        "" if found.is_current else "Its schema is another one than this program's: run vestibule migrate.",
        [
            ("Schema", found.revision),
            ("Size", _size(found.size)),
            ("Connections of this process in use", str(connections)),
        ],
    )


def _mail(queue: Queue, settings: Settings, now: dt.datetime) -> Check:
    advice = ""
    if settings.smtp_url is None and not settings.development:
        advice = "No mail can leave: set VESTIBULE_SERVER_SMTP_URL, then restart."
    elif _waits_long(queue, now):
        advice = "Mail waits: look at what the mail server answered, and whether its password still holds."
    elif queue.failed:
        advice = "Some mails were given up: see why under Emails, and send them again there."
    says = "The development inbox keeps all mail." if settings.development else _leaving(queue, "mails")
    return Check("Mail", says, advice, _waiting(queue), "/dashboard/emails", "Emails")


def _webhooks(queue: Queue, now: dt.datetime) -> Check:
    advice = ""
    if queue.failed:
        advice = "Some events were given up after three days: mend the receiver, then replay them."
    elif _waits_long(queue, now):
        advice = "A receiver does not take its events: see what it answers under Webhooks."
    says = _leaving(queue, "events")
    return Check("Webhooks", says, advice, _waiting(queue), "/dashboard/webhooks", "Webhooks")


def _signing_key(age: dt.timedelta | None) -> Check:
    says = "No key signs." if age is None else f"The key that signs is {age.days} days old."
    advice = ""
    if age is None:
        advice = "The secret of this server is another than the one that sealed the key: rotate the key."
    elif age > OLD_KEY:
        advice = "It is more than a year old: rotate it. Nobody is signed out by that."
    return Check("Signing key", says, advice, (), "/dashboard/signing-keys", "Signing keys")


def _clock(off: float | None, now: dt.datetime) -> Check:
    says = "The database is on this machine, and so is its clock."
    advice = ""
    if off is not None:
        says = f"The clocks of this machine and of the database differ by {off:.1f} s."
        if off > CLOCKS_DIFFER:
            advice = "Let both machines take the time from the network: tokens and codes live by it."
    return Check("Clock", says, advice, [("Here", f"{now:%Y-%m-%d %H:%M:%S} UTC")])


def _threads(load: Load) -> Check:
    advice = ""
    if load.waiting or load.hashing_waiting:
        advice = "Requests wait for a thread: if that lasts, the database is slow, or another process is due."
    facts = [
        ("Busy", f"{load.busy} of {THREADS}"),
        ("Waiting", str(load.waiting)),
        ("Hashing a password", str(load.hashing)),
        ("Waiting to hash", str(load.hashing_waiting)),
    ]
    return Check("Threads of this process", f"{load.busy} of {THREADS} at work.", advice, facts)


def _housekeeping(desk: Desk) -> Check:
    rounds = {labels[0]: number for labels, number in desk.identity.tally.counts(ROUNDS).items()}
    done, failed = int(rounds.get("done", 0)), int(rounds.get("failed", 0))
    says = f"Every {EVERY_SECONDS // 60} minutes what nobody needs any more is deleted."
    advice = "A round failed: the server's log says why (housekeeping_failed)." if failed else ""
    facts = [("Rounds of this process", str(done)), ("Failed", str(failed))]
    return Check("Housekeeping", says, advice, facts)


def _limits(desk: Desk, vitals: Vitals) -> Check:
    shared = desk.identity.settings.redis_url is not None
    where = "in Redis, for all processes" if shared else "by each process for itself"
    says = f"Limits of sign-ins are counted in the database, those of API keys {where}."
    return Check("Limits", says, "", [("Counted in the last minute", f"{vitals.limits:,}")])


def _waits_long(queue: Queue, now: dt.datetime) -> bool:
    return queue.oldest is not None and now - queue.oldest > PATIENCE


def _leaving(queue: Queue, things: str) -> str:
    return f"{queue.waiting:,} {things} wait to leave." if queue.waiting else f"No {things} wait."


def _waiting(queue: Queue) -> list[tuple[str, Any]]:
    facts = [("Waiting", f"{queue.waiting:,}"), ("Given up", f"{queue.failed:,}")]
    if queue.oldest is not None:
        facts.append(("The oldest waits since", f"{queue.oldest:%Y-%m-%d %H:%M} UTC"))
    return facts


def _size(number: float) -> str:
    unit = 0
    while number >= 1000 and unit < len(UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:.0f} {UNITS[unit]}" if unit < 2 else f"{number:.1f} {UNITS[unit]}"


DEEDS: Final = (page("/dashboard/health", show),)
