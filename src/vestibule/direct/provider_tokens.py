"""The tokens of a provider, for an app that calls its API: kept sealed in a cookie, or in the app's store.
Scripts of the page get none unless the app says so, and a refresh token never.
"""

from collections.abc import Callable, Mapping

from vestibule.crypto.strict_json import Json
from vestibule.direct.kept import DirectSession
from vestibule.direct.stores import find_text, forget_text, keep_text, key_of
from vestibule.direct.way import DirectWay
from vestibule.errors import ProviderError, SealError
from vestibule.flow import Flow
from vestibule.oauth.tokens import Tokens
from vestibule.session import events
from vestibule.session.answers import signed_out
from vestibule.session.reply import Reply
from vestibule.session.session_cookie import MAX_COOKIE, cookie_of
from vestibule.session.visit import Visit
from vestibule.wire import fields

PURPOSE = "vestibule.provider_tokens"
REFRESH_WINDOW = 300

Keep = Callable[[], None]


def keeping(way: DirectWay, visit: Visit, session: DirectSession, name: str, tokens: Tokens) -> Flow[Keep]:
    """Writes them to the store; or what is returned puts them into a cookie, when it is time for that."""
    if not way.settings.keep_tokens:
        return _nothing
    config = visit.config
    sealed = config.sealer.seal({"purpose": PURPOSE, "session": session.id, **_members(name, tokens)})
    if way.token_store is not None:
        yield from keep_text(key_of("tokens", session.id, name), sealed, max_age=way.settings.longest)
        return _nothing
    # As long as the session can last; without it they are nothing.
    cookie = cookie_of(config, _cookie_name(visit, name), sealed, max_age=way.settings.longest)

    def carry() -> None:
        if cookie.size <= MAX_COOKIE:
            visit.carry(cookie)
        else:
            visit.journal.record(events.COOKIE_TOO_LARGE, session_id=session.id, provider_tokens=cookie.size)

    return carry


def current(way: DirectWay, visit: Visit, session: DirectSession, name: str) -> Flow[Tokens]:
    """Refreshed when they end within five minutes. Raises ProviderError `provider_tokens_missing`,
    `provider_grant`, and Unreachable."""
    upstream = way.upstream(name)
    tokens = yield from _find(way, visit, session, name)
    if tokens is None:
        raise missing(name)
    ends_soon = tokens.expires_at is not None and tokens.expires_at - visit.now < REFRESH_WINDOW
    if not ends_soon or tokens.refresh_token is None:
        return tokens
    tokens = yield from upstream.refresh(tokens.refresh_token, subject=session.accounts.get(name))
    keep = yield from keeping(way, visit, session, name, tokens)
    keep()
    return tokens


def revoke(way: DirectWay, visit: Visit, session: DirectSession, name: str) -> Flow[bool]:
    """Ends them at the provider too; False where it has no way to. Raises ProviderError, Unreachable."""
    tokens = yield from _find(way, visit, session, name)
    if tokens is None:
        raise missing(name)
    token, hint = (
        (tokens.refresh_token, "refresh_token")
        if tokens.refresh_token
        else (tokens.access_token, "access_token")
    )
    revoked = yield from way.upstream(name).revoke(token, hint=hint)
    yield from forget(way, visit, session.id, name)
    return revoked


def forget(way: DirectWay, visit: Visit, session_id: str, name: str) -> Flow[None]:
    if way.token_store is not None:
        yield from forget_text(key_of("tokens", session_id, name))
    _forget_cookie(visit, name)


def forget_all(way: DirectWay, visit: Visit) -> None:
    """The cookies, at sign-out. A store forgets by itself, in time."""
    for name in way.clients:
        _forget_cookie(visit, name)


def _forget_cookie(visit: Visit, name: str) -> None:
    cookie = _cookie_name(visit, name)
    if any(each == cookie for each, _ in visit.incoming.cookies):
        visit.carry(cookie_of(visit.config, cookie, "", max_age=0).deletion())


def for_scripts(way: DirectWay, visit: Visit, name: str) -> Flow[Reply]:
    """The access token, where `browser_provider_tokens` is on."""
    if not way.settings.browser_provider_tokens:
        return Reply.json(
            404, "browser_provider_tokens_off", "This app gives its scripts no tokens of providers."
        )
    config = visit.config
    if visit.incoming.is_cross_site({*config.trusted_origins, config.origin}):
        return Reply.json(403, "cross_site", "Only pages of this site may ask.")
    session = yield from visit.load()
    if not isinstance(session, DirectSession):
        return signed_out(visit)
    tokens = yield from current(way, visit, session, name)
    return Reply.data(
        200,
        {
            "access_token": tokens.access_token,
            "token_type": tokens.token_type,
            "expires_at": tokens.expires_at,
            "scopes": list(tokens.scopes),
        },
    )


def missing(name: str) -> ProviderError:
    return ProviderError(
        f"There are no tokens of {name[:64]!r} for this session.",
        provider=name[:64],
        side="app",
        code="provider_tokens_missing",
        hint="Set keep_tokens=True, then sign in again. Tokens over 4,096 bytes need a token_store=.",
    )


def _find(way: DirectWay, visit: Visit, session: DirectSession, name: str) -> Flow[Tokens | None]:
    if way.token_store is not None:
        sealed = yield from find_text(key_of("tokens", session.id, name))
    else:
        cookie = _cookie_name(visit, name)
        sealed = next((value for each, value in visit.incoming.cookies if each == cookie and value), None)
    if sealed is None:
        return None
    try:
        found = visit.config.sealer.unseal(sealed, now_ms=int(visit.now * 1000))
    except SealError:
        return None
    members = found if isinstance(found, dict) else {}
    ours = members.get("purpose") == PURPOSE and members.get("provider") == name
    return _tokens(members) if ours and members.get("session") == session.id else None


def _members(name: str, tokens: Tokens) -> dict[str, Json]:
    """Without the ID token, which has served at sign-in."""
    return {
        "provider": name,
        "access_token": tokens.access_token,
        "token_type": tokens.token_type,
        "refresh_token": tokens.refresh_token,
        "expires_at": tokens.expires_at,
        "scopes": list(tokens.scopes),
    }


def _tokens(members: Mapping[str, object]) -> Tokens:
    return Tokens(
        access_token=fields.text(members, "access_token") or "",
        token_type=fields.text(members, "token_type") or "Bearer",
        refresh_token=fields.text(members, "refresh_token"),
        expires_at=fields.seconds(members, "expires_at"),
        scopes=tuple(sorted(fields.text_set(members, "scopes"))),
    )


def _cookie_name(visit: Visit, name: str) -> str:
    return f"{visit.config.cookie_name}-{name}"


def _nothing() -> None:
    """There is nothing to keep in the browser."""
