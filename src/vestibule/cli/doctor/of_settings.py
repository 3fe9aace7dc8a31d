"""The settings themselves, the password, and the cookie that comes of them."""

import time
from typing import Final
from urllib.parse import urlsplit

from vestibule.cli import git
from vestibule.cli.doctor.findings import Finding, error, ok, unknown, warning
from vestibule.cli.doctor.sources import SECRET
from vestibule.cli.doctor.subject import Subject
from vestibule.cookies import SetCookie, is_secure
from vestibule.crypto.passwords import check_cookie_password
from vestibule.errors import ConfigError, SessionTooLarge
from vestibule.session.checks import origin_of
from vestibule.session.config import Config
from vestibule.session.session_cookie import MAX_COOKIE, write_session

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
NEARLY_FULL: Final = 3_500
TYPICAL: Final = {
    "organization_id": "org_01J0000000000000000000000",
    "role": "member",
    "permissions": [
        f"{thing}:{deed}" for thing in ("invoices", "reports", "users") for deed in ("read", "write")
    ],
    "feature_flags": ["new-invoices"],
}
PICTURE: Final = "https://images.example.com/avatars/0123456789abcdef0123456789abcdef.png"


def settings(subject: Subject) -> Finding:
    if subject.problems:
        return error("\n".join(subject.problems), "Do what each sentence says.")
    differing = [
        f"{each.name}: {', '.join(each.overruled)} differ from {each.source}"
        for each in subject.settings
        if each.overruled and each.name not in SECRET  # two passwords are a rotation
    ]
    if differing:
        return warning("; ".join(differing), "Unset the variables that are not meant.")
    return ok("Every setting can be used.")


def cookie_password(subject: Subject) -> Finding:
    config = subject.config
    passwords = config.cookie_passwords if config is not None else _written_passwords(subject)
    if not passwords:
        return error(
            "There is no cookie password.", 'echo "VESTIBULE_COOKIE_PASSWORD=$(vestibule keygen)" >> .env'
        )
    for number, password in enumerate(passwords, start=1):
        try:
            check_cookie_password(password, name=f"Cookie password {number} of {len(passwords)}")
        except ConfigError as weak:
            return error(weak.message, "vestibule keygen")
    return ok(f"{len(passwords)} cookie password(s), long and mixed enough.")


def _written_passwords(subject: Subject) -> tuple[str, ...]:
    variables = subject.variables
    several = variables.value("VESTIBULE_COOKIE_PASSWORDS").split()
    single = variables.value("VESTIBULE_COOKIE_PASSWORD") or variables.value("WORKOS_COOKIE_PASSWORD")
    given = subject.code.get("cookie_passwords", ())
    coded = (given,) if isinstance(given, str) else tuple(given)
    return tuple(several) or ((single,) if single else coded)


def cookie_flags(subject: Subject) -> Finding:
    config = subject.nearly
    if config is None or not subject.is_set("redirect_uri"):
        return unknown("Where the app is reached is not set.", "Mend the settings first.")
    public = subject.url or config.callback_url()
    scheme, host = urlsplit(public).scheme, urlsplit(public).hostname or ""
    cookie = session_cookie(config)
    flags = cookie.header().partition("; ")[2]
    return _flaw(config, cookie, scheme, host) or ok(f"{cookie.name}: {flags}")


def _flaw(config: Config, cookie: SetCookie, scheme: str, host: str) -> Finding | None:
    local = host in LOOPBACK
    if config.cookie_same_site.lower() == "none" and scheme != "https":
        return error(
            "SameSite=None needs https, and browsers drop the cookie on http.",
            "unset VESTIBULE_COOKIE_SAME_SITE",
        )
    if scheme != "https" and not local:
        return error(
            f"{host} is on http: the cookie travels in clear, and has no Secure.",
            f"export VESTIBULE_REDIRECT_URI=https://{host}{config.callback_path}",
        )
    if scheme == "https" and not cookie.secure:
        return error(
            "The public address is https, but the redirect URI is http: the cookie has no Secure.",
            f"export VESTIBULE_REDIRECT_URI=https://{host}{config.callback_path}",
        )
    return _doubt(config, cookie, host)


def _doubt(config: Config, cookie: SetCookie, host: str) -> Finding | None:
    if config.cookie_same_site.lower() == "none":
        return warning(
            "SameSite=None: pages of every other site send the cookie along.",
            "`unset VESTIBULE_COOKIE_SAME_SITE`, unless this app is shown inside a frame of another site",
        )
    if config.cookie_same_site.lower() == "strict":
        return warning(
            "SameSite=Strict: whoever comes by a link from elsewhere seems signed out.",
            "unset VESTIBULE_COOKIE_SAME_SITE",
        )
    if cookie.domain and cookie.domain.lstrip(".") != host:
        return warning(
            f"Domain={cookie.domain}: every host below it gets the session.",
            "`unset VESTIBULE_COOKIE_DOMAIN`, unless a front end on another host shares the session",
        )
    return None


def session_cookie(config: Config) -> SetCookie:
    return SetCookie(
        config.cookie_name,
        "",
        max_age=config.cookie_max_age,
        domain=config.cookie_domain or None,
        secure=is_secure(config.callback_url(), config.cookie_same_site),
        same_site=config.cookie_same_site,
    )


def public_url(subject: Subject) -> Finding:
    config = subject.nearly
    if subject.url is None or config is None or not subject.is_set("redirect_uri"):
        return unknown("Where people reach the app was not said.", "--url https://app.example.com")
    there, here = origin_of(subject.url), config.origin
    if there != here:
        return error(
            f"People reach the app at {there}, but a sign-in comes back to {here}: its cookies stay behind.",
            f"export VESTIBULE_REDIRECT_URI={there}{config.callback_path}",
        )
    return ok(f"A sign-in comes back to {there}.")


def cookie_size(subject: Subject) -> Finding:
    """From a session that is really sealed, with a token that is really signed."""
    config = subject.nearly
    if config is None:
        return unknown("The settings are too far from usable.", "Mend the settings first.")
    of_whom = "with the given claims" if subject.claims else "of a member with six permissions"
    try:
        size = sealed_size(config, subject)
    except SessionTooLarge as too_large:
        return error(
            f"{too_large.message} ({of_whom})", "Put fewer permissions, roles and claims into the token."
        )
    text = f"A session {of_whom} takes about {size:,} of {MAX_COOKIE:,} bytes."
    if size > NEARLY_FULL:
        return warning(text, "Put fewer permissions, roles and claims into the token.")
    return ok(text)


def sealed_size(config: Config, subject: Subject) -> int:
    from vestibule.session.payload import Payload
    from vestibule.testing.issuer import TestIssuer
    from vestibule.testing.people import create_grant, create_user

    issuer = TestIssuer(config, clock=time.time)
    names = {"first_name": "Ada", "last_name": "Lovelace", "profile_picture_url": PICTURE}
    user = create_user("ada.lovelace@example.com", now=time.time(), **names)
    rights = {"claims": dict(subject.claims)} if subject.claims else TYPICAL
    grant = create_grant(user, now=time.time(), **rights)
    payload = Payload(
        access_token=issuer.access_token(grant),
        refresh_token=issuer.refresh_token(grant),
        user=grant.user,
        authentication_method=grant.method,
    )
    return write_session(payload, config).cookie.size


def env_file(subject: Subject) -> Finding:
    if not (subject.directory / ".env").exists():
        return ok("There is no .env here.")
    if git.tracks(subject.directory, ".env"):
        return error(
            ".env is in the repository, and its secrets with it.",
            "`git rm --cached .env`, `echo .env >> .gitignore`, and new secrets: the history keeps the old",
        )
    ignored = git.ignores(subject.directory, ".env")
    if ignored is None:
        return unknown("This is no git repository.", "Have .env in .gitignore before it becomes one.")
    if not ignored:
        return error(
            ".env is not ignored by git: the next `git add` takes it along.", "echo .env >> .gitignore"
        )
    return ok("Git ignores .env.")


def env_file_mode(subject: Subject) -> Finding:
    path = subject.directory / ".env"
    if not path.exists():
        return ok("There is no .env here.")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return warning(f".env can be read by others on this machine (mode {mode:o}).", "chmod 600 .env")
    return ok(".env is readable by its owner only.")
