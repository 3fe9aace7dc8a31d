"""PC-1 to PC-12: the guide's "Security"."""

import logging
import re
from pathlib import Path
from typing import Any, Final

from vestibule.audit.model import Kind, Validated
from vestibule.cli import git
from vestibule.cli.doctor import of_app, of_server, of_settings
from vestibule.cli.doctor.findings import Finding, Status, error, ok, unknown
from vestibule.cli.doctor.production.scanning import PAGES, SCRIPTS, count, named, search, search_files
from vestibule.cli.doctor.subject import Subject

NO_APP: Final = "This needs the app."
PASSWORD: Final = re.compile(r"\bpass(word|wd|phrase)", re.I)
OURS: Final = re.compile(r"cookie_?password|PASSWORD_VALIDATORS|workos_python_passwords", re.I)
SECRET_NAME: Final = re.compile(r"(?i)\b\w*(secret|token|signature|api_?key|passw(or)?d|digest|hmac)\w*\b")
COMPARED: Final = re.compile(
    r"(?i)(\b\w*(secret|signature|api_?key|passw(or)?d|digest|hmac|token)\w*\s*[!=]=(?!=)\s*(?!['\"]|None|True|False|\d)\w)"
)
RAW_HTML: Final = re.compile(
    r"dangerouslySetInnerHTML|\binnerHTML\s*=|\bouterHTML\s*=|document\.write\(|v-html|\{@html"
    r"|\|\s*safe\b|autoescape\s*(=\s*False|false|off)|\bMarkup\(|\bmark_safe\(|HTMLResponse\(\s*f['\"]"
)
BY_HAND: Final = re.compile(r"<[a-z][^<]*(?<!\{)\{(?![{%#])")  # `<p>{name}` of an f-string
STORAGE: Final = re.compile(r"\b(local|session)Storage\b")
AUDITS: Final = re.compile(r"pip-audit|uv audit|safety (check|scan)|osv-scanner|npm audit|trivy|grype|snyk")
CI: Final = (
    ".github/workflows/*.y*ml",
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    "azure-pipelines.yml",
    "Jenkinsfile",
    ".woodpecker/*.y*ml",
)
BOTS: Final = (".github/dependabot.yml", "renovate.json", ".github/renovate.json", ".renovaterc.json")
LOCKS: Final = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")


def guarded(subject: Subject) -> Finding:
    """PC-1"""
    found = of_app.guards(subject)
    if found.status is Status.WARNING:
        return error(found.found, found.mend)
    return found


def validated(subject: Subject) -> Finding:
    """PC-2"""
    report = subject.audited if subject.loaded[0] is not None else None
    if report is None:
        return unknown(NO_APP, of_app.NAME_THE_APP)
    own = [each for each in report.endpoints if each.kind is Kind.APP]
    unclear = [each for each in own if each.validated is Validated.UNKNOWN]
    if unclear:
        return unknown(
            f"{len(unclear)} of {len(own)} endpoints take input in a way that cannot be seen.", "Read them."
        )
    return ok(f"Each of {len(own)} endpoints validates its input, or takes none.")


def passwords(subject: Subject) -> Finding:
    """PC-3"""
    own = [hit for hit in search(subject.directory, PASSWORD, (".py",)) if not _is_ours(subject, hit)]
    if own:
        return unknown(
            f"The app itself handles passwords: {named(own)}.", "Read these lines: Argon2id or bcrypt(12)?"
        )
    if not of_server.is_vestibule(subject):
        return unknown(
            "The app handles none; how the identity server hashes is not known.", "Ask who runs it."
        )
    return ok("The app handles no password, and a Vestibule server hashes with Argon2id.")


def _is_ours(subject: Subject, hit: Any) -> bool:
    line = (subject.directory / hit.path).read_text("utf-8").splitlines()[hit.line - 1]
    return OURS.search(line) is not None


def constant_time(subject: Subject) -> Finding:
    """PC-4"""
    compared = list(search(subject.directory, COMPARED, (".py",)))
    if compared:
        return error(f"A secret is compared with ==: {named(compared)}.", "hmac.compare_digest(a, b)")
    named_at = [hit for hit in search(subject.directory, SECRET_NAME, (".py",)) if not _is_ours(subject, hit)]
    if named_at:
        found = f"No == was found beside a secret, but secrets are named at {named(named_at)}."
        return unknown(found, "Read these lines: only hmac.compare_digest may compare them.")
    return ok("The app's own code names no secret; the toolkit compares in constant time.")


def generic_errors(subject: Subject) -> Finding:
    """PC-5"""
    how = "Try an unknown address, then a known one with a wrong password: the answers must be equal."
    if not of_server.is_vestibule(subject):
        return unknown("These pages are the identity server's.", how)
    own = [hit for hit in search(subject.directory, PASSWORD, (".py",)) if not _is_ours(subject, hit)]
    if own:
        return unknown(f"The app has pages of its own that handle passwords: {named(own)}.", how)
    return ok(
        "The pages are those of a Vestibule server, which answers the same for known and unknown addresses."
    )


def raw_html(subject: Subject) -> Finding:
    """PC-6"""
    hits = list(search(subject.directory, RAW_HTML, PAGES))
    if hits:
        return error(
            f"HTML is written unescaped: {named(hits)}.", "Let a template escape it, or `html.escape`."
        )
    looked_at = count(subject.directory, PAGES)
    if not looked_at:
        return unknown("There is no source file here.", "Run this in the project's directory.")
    by_hand = list(search(subject.directory, BY_HAND, (".py",)))
    if by_hand:
        return unknown(
            f"HTML is put together at {named(by_hand)}.", "Read these lines: what people wrote is escaped?"
        )
    return ok(f"In {looked_at} file(s) nothing switches escaping off.")


def cookie_flags(subject: Subject) -> Finding:
    """PC-7"""
    ours = of_settings.cookie_flags(subject)
    if ours.status in (Status.ERROR, Status.UNKNOWN):
        return ours
    config = subject.nearly
    if config is not None and not of_settings.session_cookie(config).secure:
        return error("On http the session cookie has no Secure.", "Set an https redirect URI.")
    if subject.surface is None:
        return unknown(
            "Ours has HttpOnly, Secure and SameSite; the app's own cookies were not seen.",
            of_app.NAME_THE_APP,
        )
    others = _other_session_cookies(subject)
    if others is None:
        return unknown(
            "Ours has all three; middleware of the app may set others.", "Look at Set-Cookie in a browser."
        )
    if others:
        return error(f"Also set, without all three: {', '.join(others)}.", "SESSION_COOKIE_SECURE = True")
    return ok(
        f"{ours.found}"
        if ours.status is Status.OK
        else f"HttpOnly, Secure and SameSite are set. {ours.found}"
    )


def _other_session_cookies(subject: Subject) -> list[str] | None:
    """Those of Flask and Django by their settings. None: this framework does not say."""
    app = subject.loaded[0]
    framework = subject.surface.framework.lower() if subject.surface else ""
    if framework == "flask":
        loose = app.secret_key and not app.config.get("SESSION_COOKIE_SECURE")
        return ["Flask's `session`"] if loose else []
    if framework == "django":
        from django.conf import settings

        in_use = any("SessionMiddleware" in name for name in settings.MIDDLEWARE)
        return ["Django's `sessionid`"] if in_use and not settings.SESSION_COOKIE_SECURE else []
    middleware = getattr(app, "user_middleware", None)
    if middleware is None:
        return None
    sessions = [each for each in middleware if getattr(each.cls, "__name__", "") == "SessionMiddleware"]
    return ["`SessionMiddleware`" for each in sessions if not each.kwargs.get("https_only")]


def no_tokens_in_storage(subject: Subject) -> Finding:
    """PC-8"""
    hits = list(search(subject.directory, STORAGE, SCRIPTS))
    if hits:
        return unknown(
            f"The browser's storage is used: {named(hits)}.", "Read these lines: no token may be kept there."
        )
    looked_at = count(subject.directory, SCRIPTS)
    if not looked_at:
        return unknown(
            "There is no page and no script here.", "Look in the front end, where it is elsewhere."
        )
    return ok(f"In {looked_at} page(s) and script(s) nothing uses the browser's storage.")


def dependencies(subject: Subject) -> Finding:
    """PC-9"""
    pipelines = [path for pattern in CI for path in sorted(subject.directory.glob(pattern))]
    if not pipelines:
        return unknown("There is no CI configuration here.", "Run `pip-audit` in CI.")
    audits = list(search_files(subject.directory, pipelines, AUDITS))
    if not audits:
        return error("CI runs no audit of the dependencies.", "Add `pip-audit` to it.")
    bot = next((name for name in BOTS if (subject.directory / name).exists()), None)
    if bot is None:
        return unknown(
            f"CI audits ({named(audits)}); whether updates are made is not known.", "Look at their ages."
        )
    return ok(f"CI audits ({named(audits)}), and {bot} brings updates.")


def lock_file(subject: Subject) -> Finding:
    """PC-10"""
    if not git.in_repository(subject.directory):
        return unknown("This is no git repository.", "Commit the lock file where it is one.")
    present = [name for name in LOCKS if (subject.directory / name).exists()]
    pinned = [
        path.as_posix() for path in subject.project.requirement_files if _is_pinned(subject.directory / path)
    ]
    missing = [name for name in (*present, *pinned) if not git.tracks(subject.directory, name)]
    if missing:
        return error(f"Not in the repository: {', '.join(missing)}.", f"git add {' '.join(missing)}")
    if present or pinned:
        return ok(f"In the repository: {', '.join((*present, *pinned))}.")
    return error(
        "There is no lock file.", "`uv lock`, `poetry lock` or `pip-compile --generate-hashes`, and commit it"
    )


def _is_pinned(path: Path) -> bool:
    lines = [line.partition("#")[0].strip() for line in path.read_text("utf-8", "replace").splitlines()]
    needed = [line for line in lines if line and not line.startswith("-")]
    return bool(needed) and all("==" in line or " @ " in line for line in needed)


def rate_limits(subject: Subject) -> Finding:
    """PC-11"""
    if of_server.is_vestibule(subject):
        return ok("A Vestibule server limits sign-in, sign-up and password reset, by account and by address.")
    return unknown("Sign-in is the identity server's.", "Ask who runs it for its limits.")


def logged(subject: Subject) -> Finding:
    """PC-12"""
    if subject.installation is None:
        return unknown(NO_APP, of_app.NAME_THE_APP)
    hooked = subject.installation.core._journal()._on_event is not None
    if not hooked and not logging.getLogger("vestibule").isEnabledFor(logging.INFO):
        return unknown(
            "The app has no `on_event`, and its import leaves the log above INFO; its start may change that.",
            'logging.getLogger("vestibule").setLevel(logging.INFO)',
        )
    where = "`on_event`" if hooked else "the log `vestibule`"
    return unknown(
        f"Sign-ins are told to {where}; whether somebody watches cannot be seen.", "Ask who is on call."
    )
