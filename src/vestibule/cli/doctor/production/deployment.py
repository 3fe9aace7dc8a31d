"""PC-13 to PC-19: the guide's "Deployment"."""

import re
from pathlib import Path
from typing import Final

from vestibule.cli import git
from vestibule.cli.doctor import of_app, of_settings
from vestibule.cli.doctor.findings import Finding, Status, error, ok, unknown
from vestibule.cli.doctor.production.scanning import named, search
from vestibule.cli.doctor.subject import Subject
from vestibule.cli.starting.apps import is_test

NO_TESTS: Final = "There is no test here."
ASSERTS_401: Final = re.compile(r"\b401\b|HTTP_401|UNAUTHORIZED")
GUARD_TEST: Final = re.compile(r"\bassert_guarded\b|\baudit\(.*\)\.ok\b")
FLOWS: Final = {
    "sign-in": re.compile(r"\bsign_in\(|/sign-in|/login"),
    "sign-out": re.compile(r"\bsign_out\(|/sign-out|/logout"),
    "expiry": re.compile(r"expires_in|advance\(|expired|end_sessions"),
    "a guarded page": re.compile(r"\b401\b|\b302\b|\b303\b|\b307\b"),
}
MONITORING: Final = (
    "sentry-sdk",
    "opentelemetry-sdk",
    "ddtrace",
    "newrelic",
    "prometheus-client",
    "elastic-apm",
    "logfire",
)


def session_secret(subject: Subject) -> Finding:
    """PC-13"""
    found = of_settings.cookie_password(subject)
    if found.status is not Status.OK:
        return found
    if git.tracks(subject.directory, ".env"):
        return error("It is strong, but .env is in the repository.", "git rm --cached .env, and a new one")
    return found


def https(subject: Subject) -> Finding:
    """PC-14"""
    config = subject.nearly
    if config is None or not subject.is_set("redirect_uri"):
        return unknown("Where the app is reached is not set.", "Mend the settings first.")
    if not of_settings.session_cookie(config).secure:
        return error("The redirect URI is on http, so cookies have no Secure.", "Set an https redirect URI.")
    if subject.url is None:
        return unknown("Cookies have Secure; whether https answers was not asked.", of_app.NAME_THE_URL)
    if not subject.url.startswith("https:"):
        return error(f"{subject.url} is not https.", of_app.NAME_THE_URL)
    through = of_app.proxy(subject)
    return ok(f"{subject.url} answers over https, with Secure.") if through.status is Status.OK else through


def payload(subject: Subject) -> Finding:
    """PC-15"""
    found = of_settings.cookie_size(subject)
    return error(found.found, found.mend) if found.status is Status.WARNING else found


def direct_calls(subject: Subject) -> Finding:
    """PC-16"""
    whole = list(search(subject.directory, GUARD_TEST, (".py",), tests=True))
    if whole:
        return ok(f"A test checks every route: {named(whole)}.")
    single = list(search(subject.directory, ASSERTS_401, (".py",), tests=True))
    if single:
        found = f"Tests name 401 ({named(single)}); whether for every endpoint cannot be seen."
        return unknown(found, "`assert_guarded(app)` in one test covers all of them")
    if not tests_of(subject):
        return error(NO_TESTS, "Write one: docs/how-to/test-your-app.md")
    return error(
        "No test names 401.", "`from vestibule.testing import assert_guarded`, and call it in a test"
    )


def tests_of(subject: Subject) -> list[Path]:
    return [each.path for each in subject.project.all_sources if is_test(each.path)]


def end_to_end(subject: Subject) -> Finding:
    """PC-17"""
    seen = {
        name: list(search(subject.directory, pattern, (".py",), tests=True))
        for name, pattern in FLOWS.items()
    }
    missing = [name for name, hits in seen.items() if not hits]
    if not tests_of(subject):
        return error(NO_TESTS, "Write one: docs/how-to/test-your-app.md")
    if missing:
        found = f"In the tests here nothing was recognized as one of: {', '.join(missing)}."
        return unknown(found, "See docs/how-to/test-your-app.md, or point to the tests elsewhere.")
    places = "; ".join(f"{name}: {hits[0]}" for name, hits in seen.items())
    return unknown(
        f"Tests touch all four ({places}); whether they pass was not tried.", "Run them, and look."
    )


def proxy(subject: Subject) -> Finding:
    """PC-18"""
    return of_app.proxy(subject)


def monitoring(subject: Subject) -> Finding:
    """PC-19"""
    used = [name for name in MONITORING if name in subject.project.declared]
    if used:
        return unknown(
            f"{', '.join(used)} is a dependency; whether it reports cannot be seen.",
            "Raise an error on purpose.",
        )
    return unknown(
        "No monitoring is among the dependencies; it may be outside of the app.", "Ask who is on call."
    )
