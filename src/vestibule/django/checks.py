"""`manage.py check`: what would go wrong with sign-in, found before anybody signs in."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.middleware.common import CommonMiddleware
from django.urls import Resolver404, URLResolver, get_resolver, resolve
from django.urls.resolvers import LocalePrefixPattern
from django.utils.module_loading import import_string

from vestibule.django import bridge
from vestibule.django.installation import get_auth, included_path
from vestibule.django.middleware import AuthMiddleware
from vestibule.django.requests import LINE
from vestibule.errors import ConfigError
from vestibule.session.config import Config

AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
INCLUDE = 'urlpatterns += [path("auth/", include("vestibule.django"))]'


@register(Tags.compatibility)
def check_settings(**_: object) -> list[CheckMessage]:
    """One message for each problem, with what mends it."""
    try:
        auth = get_auth()
        auth.find_prefix()
        config = auth.config
    except ConfigError as error:
        where = "In VESTIBULE of the settings or in the environment: docs/reference/settings.md."
        return [Error(problem, hint=where, id="vestibule.E001") for problem in error.problems]
    return [*_prefix(config), *_slashes(config)]


@register(Tags.compatibility)
def check_middleware(**_: object) -> list[CheckMessage]:
    ours = _position(AuthMiddleware)
    if ours is None:
        text = "`vestibule.django` is installed, but its middleware is not: no view has `request.auth`."
        return [Error(text, hint=f"Add the line `{LINE}`.", id="vestibule.E002")]
    try:
        keeps_users = bridge.backend() is not None
    except ConfigError as error:
        return [Error(error.message, id="vestibule.E007")]
    theirs = settings.MIDDLEWARE.index(AUTHENTICATION) if AUTHENTICATION in settings.MIDDLEWARE else -1
    if keeps_users and ours < theirs:
        text = "AuthMiddleware comes before AuthenticationMiddleware, which overwrites its `request.user`."
        return [Error(text, hint="Move AuthMiddleware below it.", id="vestibule.E003")]
    return []


@register(Tags.security, deploy=True)
def check_proxy(**_: object) -> list[CheckMessage]:
    try:
        origin = get_auth().config.origin
    except ConfigError:
        return []  # told by another check
    if not origin.startswith("https:") or settings.SECURE_PROXY_SSL_HEADER or settings.SECURE_SSL_REDIRECT:
        return []
    hint = (
        "Behind a proxy that ends TLS: SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https'), with a "
        "proxy that always sets that header. Without one: SECURE_SSL_REDIRECT = True."
    )
    return [
        Warning(
            f"The app is at {origin}, and Django takes requests for http.", hint=hint, id="vestibule.W003"
        )
    ]


def _prefix(config: Config) -> Iterator[CheckMessage]:
    if any(_is_translated(each) for each in get_resolver().url_patterns):
        text = "`vestibule.django` is included below i18n_patterns, so our routes change with the language."
        yield Error(text, hint=f"Take it out of them: `{INCLUDE}`.", id="vestibule.E005")
        return
    included = included_path()
    if included is None:
        text = "The URLconf does not include our routes, so they have no names for `{% url %}`."
        yield Warning(text, hint=f"Add the line `{INCLUDE}`.", id="vestibule.W001")
    elif included != f"{config.prefix}/sign-in":
        yield Error(
            f"In the URLconf sign-in is at {included}, and it is answered at {config.prefix}/sign-in.",
            hint=f'Write `path("{config.prefix[1:]}/", include("vestibule.django"))`, or remove the setting '
            "`prefix` (VESTIBULE_PREFIX).",
            id="vestibule.E004",
        )


def _slashes(config: Config) -> Iterator[CheckMessage]:
    """CommonMiddleware redirects to `/callback/` what no view but that one answers, before we see it."""
    common, ours = _position(CommonMiddleware), _position(AuthMiddleware)
    path = urlsplit(config.callback_url()).path
    if not settings.APPEND_SLASH or common is None or ours is None or ours < common or path.endswith("/"):
        return
    if not _resolves(path) and _resolves(f"{path}/"):
        yield Error(
            f"With APPEND_SLASH, CommonMiddleware sends people who come back from signing in to {path}/ .",
            hint="Move AuthMiddleware above CommonMiddleware, or the pattern that matches it below others.",
            id="vestibule.E006",
        )


def _is_translated(pattern: Any, below: bool = False) -> bool:
    if not isinstance(pattern, URLResolver):
        return False
    below = below or isinstance(pattern.pattern, LocalePrefixPattern)
    if pattern.app_name == "vestibule":
        return below
    return any(_is_translated(each, below) for each in pattern.url_patterns)


def _position(kind: type) -> int | None:
    for number, path in enumerate(settings.MIDDLEWARE):
        try:
            found = import_string(path)
        except (ImportError, ImproperlyConfigured):
            continue  # for another check to tell
        if isinstance(found, type) and issubclass(found, kind):
            return number
    return None


def _resolves(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
