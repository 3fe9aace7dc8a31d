"""The app itself: whether it loads, what guards it, and what comes through the proxies in front of it."""

import json
import re
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final
from urllib.parse import parse_qs, urlsplit

from vestibule.cli.doctor.asking import Answer
from vestibule.cli.doctor.calling import call
from vestibule.cli.doctor.findings import Finding, error, ok, unknown, warning
from vestibule.cli.doctor.subject import Subject
from vestibule.errors import ConfigError, Unreachable
from vestibule.session.checks import origin_of
from vestibule.session.config import Config

NAME_THE_APP: Final = "vestibule doctor module:app"
NAME_THE_URL: Final = "--url https://app.example.com"
LOWEST: Final = re.compile(r"([A-Za-z0-9]+)\S*?>=([\d.]+)")
MOST_NAMED: Final = 5


def app(subject: Subject) -> Finding:
    if subject.target is None:
        return unknown("No app was named.", NAME_THE_APP)
    _, problem = subject.loaded
    if problem is not None:
        return error(problem, f"python -c 'import {subject.target.partition(':')[0]}'")
    surface = subject.surface
    if surface is None:
        return unknown(f"{subject.target} is an app of no framework that is known here.", NAME_THE_APP)
    if surface.installation is None:
        return error(f"{subject.target} has no `Auth`.", "vestibule init")
    return ok(f"{subject.target} is an app of {surface.framework} with `Auth`.")


def framework(subject: Subject) -> Finding:
    name = subject.surface.framework.lower() if subject.surface else None
    found = subject.project.framework
    name = name or (found.name if found else None)
    if name is None:
        return unknown("No framework was found here.", NAME_THE_APP)
    lowest = _lowest().get(name)
    try:
        installed = version(name)
    except PackageNotFoundError:
        return unknown(f"{name} is not installed in this environment.", f"pip install 'vestibule[{name}]'")
    if lowest is None:
        return unknown(f"{name} {installed}; which are supported is not known.", "")
    if _parts(installed) < _parts(lowest):
        return error(f"{name} {installed} is older than {lowest}.", f"pip install -U 'vestibule[{name}]'")
    return ok(f"{name} {installed} (from {lowest} on).")


def _lowest() -> dict[str, str]:
    """From the package's own extras."""
    found = (LOWEST.match(line) for line in requires("vestibule") or () if "extra ==" in line)
    return {match[1].lower(): match[2] for match in found if match}


def _parts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def callback(subject: Subject) -> Finding:
    """A callback without a code begins a sign-in; nothing else answers so."""
    config = subject.config
    surface = subject.surface
    if surface is None or config is None or surface.installation is None:
        return unknown("This needs the app and usable settings.", NAME_THE_APP)
    path = config.callback_path
    try:
        status, headers = call(surface.serve, path, origin=config.origin, is_asgi=surface.is_asgi)
    except ConfigError as problem:
        return error(problem.message, "Do what it says.")
    except Exception as failure:
        return unknown(f"{path} could not be asked: {type(failure).__name__}.", "Open it in a browser.")
    # Without a provider's name in it, direct mode refuses the address with the list of those there are.
    is_ours = status == 400 if subject.direct else _begins_a_sign_in(status, headers.get("location", ""))
    if is_ours:
        return ok(f"The app answers at {path}.")
    return error(
        f"{path}, where a sign-in comes back to, answers {status}: nothing of ours is there.",
        f"export VESTIBULE_REDIRECT_URI={config.origin}{config.prefix}/callback",
    )


def _begins_a_sign_in(status: int, location: str) -> bool:
    return 300 <= status < 400 and urlsplit(location).path.endswith("/sign-in")


def guards(subject: Subject) -> Finding:
    if subject.loaded[0] is None:
        return unknown("This needs the app.", NAME_THE_APP)
    try:
        report = subject.audited
    except ConfigError as problem:
        return unknown(problem.message, "vestibule audit module:app")
    if report is None:
        return unknown("The routes of this app cannot be read.", "vestibule audit module:app")
    if report.ok:
        return ok(f"Of {report.counts()['endpoints']} endpoints none is open that is not meant to be.")
    names = [name for finding in report.findings for name in (finding.names or (finding.path,))]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return warning(
        f"Nothing guards {', '.join(names[:MOST_NAMED])}{more}.", f"vestibule audit {subject.target}"
    )


def proxy(subject: Subject) -> Finding:
    """Asks the running app three things that a proxy may spoil: a sign-in, a cookie there, a cookie back."""
    config = subject.nearly
    if subject.url is None or config is None:
        return unknown("The app was not asked.", NAME_THE_URL)
    base = subject.url.rstrip("/") + config.prefix
    try:
        begun = subject.asking.get(f"{base}/sign-in", sec_fetch_mode="navigate", accept="text/html")
        seen = subject.asking.get(f"{base}/session", cookie=f"{config.cookie_name}=doctor")
    except Unreachable as silence:
        return error(f"{subject.url}: {silence.message}", f"curl -I {subject.url}")
    return (
        _of_sign_in(subject.url, begun, config)
        or _of_cookie(seen)
        or ok(f"{subject.url} begins a sign-in, sets its cookie and gets cookies.")
    )


def _of_sign_in(url: str, begun: Answer, config: Config) -> Finding | None:
    location = begun.headers.get("location", "")
    asked = parse_qs(urlsplit(location).query)
    if not 300 <= begun.status < 400 or "redirect_uri" not in asked:
        return error(
            f"{config.prefix}/sign-in answers {begun.status} and begins no sign-in.",
            "Is it this app, and does the proxy keep the path?",
        )
    back = asked["redirect_uri"][0]
    if origin_of(back) != origin_of(url):
        return error(
            f"The running app lets a sign-in come back to {back}, and people are at {origin_of(url)}.",
            f"export VESTIBULE_REDIRECT_URI={origin_of(url)}{config.callback_path}",
        )
    cookie = begun.headers.get("set-cookie", "")
    if not cookie:
        return error(
            "Set-Cookie does not come through.", "Let the proxy pass `Set-Cookie` on, and cache nothing."
        )
    if url.startswith("https:") and "secure" not in cookie.lower():
        return error(
            "Over https the app sets a cookie without Secure: it believes it is on http.",
            f"export VESTIBULE_REDIRECT_URI={origin_of(url)}{config.callback_path}",
        )
    if begun.headers.get("age", "0") != "0":
        return error("A cache on the way keeps sign-ins.", f"Let it pass {config.prefix}/ uncached.")
    return None


def _of_cookie(seen: Answer) -> Finding | None:
    try:
        reason = json.loads(seen.response.body).get("reason")
    except (ValueError, AttributeError):
        return unknown(f"The session route answers {seen.status}, and nothing of ours.", "Is it this app?")
    if reason == "no_cookie":
        return error("The request's Cookie does not reach the app.", "Let the proxy pass `Cookie` on.")
    return None
