"""What can be wrong with the server's settings: every problem at once, each with what mends it."""

import ipaddress
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from vestibule.server.languages import available, find_language

if TYPE_CHECKING:
    from vestibule.server.settings import Settings

PREFIX: Final = "VESTIBULE_SERVER_"
HOW_TO_MAKE: Final = "make one with `vestibule keygen`"
LOOPBACK_NAMES: Final = ("localhost", "localhost.localdomain")
LIMITS: Final = (
    "requests_per_minute",
    "user_management_reads",
    "user_management_writes",
    "organization_deletions",
)
BELOW: Final = re.compile(r"(/[A-Za-z0-9._~-]+)+")


def problems_of(settings: "Settings") -> list[str]:
    return [
        *_url_problems(settings),
        *_secret_problems(settings.secret),
        *_number_problems(settings),
        *_network_problems("TRUSTED_PROXIES", settings.trusted_proxies),
        *_mail_problems(settings),
        *_template_problems("MAIL_TEMPLATES", settings.mail_templates),
        *_template_problems("PAGE_TEMPLATES", settings.page_templates),
        *_branding_problems(settings.branding),
        *_places_problems(settings.places_database),
        *_locale_problems(settings.locale),
        *_breach_problems(settings.breach_lookup_url),
        *_operator_problems(settings.operators),
        *_network_problems("WEBHOOK_NETWORKS", settings.webhook_networks),
        *_redis_problems(settings.redis_url),
        *_token_problems(settings.metrics_token),
    ]


def _url_problems(settings: "Settings") -> list[str]:
    name = PREFIX + "PUBLIC_URL"
    try:
        parts = urlsplit(settings.public_url)
        host, origin = parts.hostname or "", settings.origin
        _ = parts.port
    except ValueError:
        return [f"{name} is not an address: write it like https://id.example.com"]
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        return [f"{name} must be like https://id.example.com"]
    if settings.is_embedded and (
        not BELOW.fullmatch(parts.path) or settings.public_url != origin + parts.path
    ):
        return [f"{name} must be where the app has mounted its server, like {origin}/id"]
    if not settings.is_embedded and settings.public_url != origin:
        return [f"{name} must be an origin, without a path or a final slash: {origin}"]
    return _host_problems(settings, parts.scheme, host)


def _host_problems(settings: "Settings", scheme: str, host: str) -> list[str]:
    problems = []
    if settings.passkey_domain and not f".{host}".endswith(f".{settings.passkey_domain}"):
        problems.append(f"{PREFIX}PASSKEY_DOMAIN must be {host} or a domain that it belongs to")
    if scheme == "http" and not is_loopback(host):
        problems.append(f"{PREFIX}PUBLIC_URL must begin with https:// (plain http is for loopback only)")
    if settings.environment not in ("staging", "production"):
        problems.append(f"{PREFIX}ENVIRONMENT must be staging or production")
    if settings.development and not is_loopback(host):
        problems.append(
            f"{PREFIX}DEVELOPMENT opens every mail to everyone: it is for loopback addresses only"
        )
    if settings.development and settings.environment == "production":
        problems.append(f"{PREFIX}DEVELOPMENT and {PREFIX}ENVIRONMENT=production exclude each other")
    return problems


def _secret_problems(secret: str) -> list[str]:
    if len(secret) < 32:
        return [f"{PREFIX}SECRET must have at least 32 characters: {HOW_TO_MAKE}"]
    if len(set(secret)) <= 8:
        return [f"{PREFIX}SECRET repeats too few characters to be a secret: {HOW_TO_MAKE}"]
    return []


def _number_problems(settings: "Settings") -> list[str]:
    ranges = {
        "access_token_seconds": (40, 86_400),  # clients refresh 30 s ahead: shorter tokens never rest
        "session_seconds": (60, 400 * 86_400),
        "session_idle_seconds": (3_600, 400 * 86_400),
        "browser_session_seconds": (60, 400 * 86_400),
        "code_seconds": (10, 600),  # RFC 6749 §4.1.2: ten minutes at most
        "verification_seconds": (60, 86_400),
        "password_reset_seconds": (60, 86_400),
        "replay_window_seconds": (0, 60),
        "password_min_length": (8, 128),
        **dict.fromkeys(LIMITS, (0, 10_000_000)),
    }
    problems = [
        f"{PREFIX}{name.upper()} must be between {least} and {most}, not {value}"
        for name, (least, most) in ranges.items()
        if not least <= (value := getattr(settings, name)) <= most
    ]
    if settings.session_idle_seconds <= settings.access_token_seconds:
        problems.append(
            f"{PREFIX}SESSION_IDLE_SECONDS must be more than {PREFIX}ACCESS_TOKEN_SECONDS: "
            "apps refresh when an access token ends, so every session would be idle by then"
        )
    return problems


def _network_problems(name: str, networks: tuple[str, ...]) -> list[str]:
    problems = []
    for network in networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            problems.append(f"{PREFIX}{name}: {network!r} is neither an address nor a network")
    return problems


def _redis_problems(url: str | None) -> list[str]:
    if url is None or url.startswith(("redis://", "rediss://", "unix://")):
        return []
    return [f"{PREFIX}REDIS_URL must be like redis://user:password@host:6379/0"]


def _token_problems(token: str | None) -> list[str]:
    if token is None or len(token) >= 16:
        return []
    return [f"{PREFIX}METRICS_TOKEN must have at least 16 characters: {HOW_TO_MAKE}"]


def _operator_problems(operators: tuple[str, ...]) -> list[str]:
    wrong = [each for each in operators if not 0 < each.find("@") < len(each) - 1]
    return [f"{PREFIX}OPERATORS: {each!r} is not an e-mail address" for each in wrong]


def _breach_problems(url: str | None) -> list[str]:
    if url is None:
        return []
    problem = f"{PREFIX}BREACH_LOOKUP_URL must be like https://api.pwnedpasswords.com/range"
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return [problem]
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    return [] if named and safe and not parts.query and not parts.fragment else [problem]


def _template_problems(name: str, directory: str | None) -> list[str]:
    if directory is None or Path(directory).is_dir():
        return []
    return [f"{PREFIX}{name} is not a directory"]


def _branding_problems(file: str | None) -> list[str]:
    return [] if file is None or Path(file).is_file() else [f"{PREFIX}BRANDING is not a file"]


def _locale_problems(locale: str) -> list[str]:
    if find_language(locale) is not None:
        return []
    known = ", ".join(language.tag for language in available())
    return [f"{PREFIX}LOCALE must be one of {known}, not {locale!r}"]


def _places_problems(file: str | None) -> list[str]:
    if file is None:
        return []
    import maxminddb  # here, as most servers have no such file

    try:
        maxminddb.open_database(file).close()
    except (OSError, ValueError, maxminddb.InvalidDatabaseError):
        return [f"{PREFIX}PLACES_DATABASE is not a file in MaxMind's format (.mmdb)"]
    return []


def _mail_problems(settings: "Settings") -> list[str]:
    name = PREFIX + "SMTP_URL"
    if settings.smtp_url is None:
        if settings.environment == "staging":
            return []
        return [f"{name} is not set: verification and reset mails need it (smtp://user:password@host:587)"]
    try:
        parts = urlsplit(settings.smtp_url)
        if parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0:
            return []
    except ValueError:
        pass
    return [f"{name} must be like smtp://user:password@host:587"]


def is_loopback(host: str) -> bool:
    """RFC 6761 §6.3 for the names; the address blocks for the rest."""
    if host in LOOPBACK_NAMES or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
