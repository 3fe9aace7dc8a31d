"""What comes back from a provider: a session, or one more account for the session that is there."""

from collections.abc import Callable

from vestibule.direct.beginning import forgotten, leading_to
from vestibule.direct.kept import DirectSession
from vestibule.direct.linking import Link, check_note, linked, unlinked
from vestibule.direct.provider_tokens import Keep, forget, keeping
from vestibule.direct.signing_in import DirectSignIn, as_answer, kept_from, user_of
from vestibule.direct.way import DirectWay
from vestibule.errors import LoginError
from vestibule.flow import Flow
from vestibule.oauth.tokens import Tokens
from vestibule.oauth.transaction import (
    HANDOFF_PARAM,
    Transaction,
    cookie_name,
    hand_off,
    open_transaction,
    take_over,
)
from vestibule.oauth.upstream import ProviderSignIn
from vestibule.session.answers import signed_out
from vestibule.session.model import Session
from vestibule.session.reply import Reply
from vestibule.session.return_path import sanitize_return_path
from vestibule.session.routes import REPLAYED
from vestibule.session.targets import local_target
from vestibule.session.visit import Visit
from vestibule.session.way import Answer, AppCall


def callback(way: DirectWay, visit: Visit, name: str) -> Flow[Answer]:
    """Raises LoginError, ProviderError and Unreachable."""
    upstream = way.upstream(name)
    config, now = visit.config, visit.now
    if visit.incoming.method == "POST":
        if not way.takes_cross_site(f"callback/{name}"):
            allow = ("Allow", "GET")
            return Reply.json(405, "method_not_allowed", "This provider comes back by GET.", headers=(allow,))
        # Without our cookies, for it comes from another site: the same by GET brings them along.
        return Reply.redirect(
            hand_off(visit.incoming.form or {}, way.callback_url(name), config.sealer, now=now)
        )
    params = dict(visit.incoming.params)
    if HANDOFF_PARAM in params:
        params = take_over(params[HANDOFF_PARAM], config.sealer, now=now)
    try:
        transaction = _transaction(visit, params.get("state"))
    except LoginError as error:
        if error.code in REPLAYED and (yield from visit.load()) is not None:
            return Reply.redirect(visit.incoming.root_path + config.home)
        raise
    visit.was_to_lead(transaction.return_to)
    signed_in = yield from upstream.finish(params, transaction)
    if transaction.note is not None:
        return (yield from _connect(way, visit, name, signed_in))
    client = upstream.client
    kept = kept_from(signed_in, client, user_of(signed_in.profile, client), now=int(now))
    session = way.source.begin(kept)
    keep = yield from keeping(way, visit, session, name, signed_in.tokens)
    return sign_in_of(visit, session, signed_in=signed_in, return_to=transaction.return_to, keep=keep)


def sign_in_of(
    visit: Visit,
    session: DirectSession,
    *,
    return_to: str | None,
    signed_in: ProviderSignIn | None = None,
    keep: Keep | None = None,
    as_data: bool = False,
) -> DirectSignIn:
    """`keep` puts what belongs to the session into the response, once it is the browser's."""
    home = visit.incoming.root_path + visit.config.home

    def reply(_: Session, path: str) -> Reply | None:
        if keep is not None:
            keep()
        htmx = (("HX-Redirect", path),) if visit.incoming.is_htmx else ()
        return Reply.data(200, {"url": path}, headers=htmx) if as_data else None

    return DirectSignIn(
        session=session,
        return_path=sanitize_return_path(return_to, home),
        response=as_answer(session.kept),
        reply=reply,
        provider=session.provider,
        profile=signed_in.profile if signed_in else None,
        tokens=signed_in.tokens if signed_in else None,
    )


def unlink(way: DirectWay, visit: Visit, name: str) -> Flow[Answer]:
    """Raises LoginError `link_in_use`."""
    session = yield from visit.load()
    if not isinstance(session, DirectSession):
        return signed_out(visit)
    back = local_target(
        (visit.incoming.form or {}).get("return_to"), visit.incoming.root_path + visit.config.home
    )
    if name not in session.accounts:
        return leading_to(visit, back)
    return forget_account(way, visit, session, name, lambda: leading_to(visit, back))


def forget_account(
    way: DirectWay, visit: Visit, session: DirectSession, name: str, reply: Callable[[], Reply]
) -> AppCall:
    """One that is connected, after the app's `on_unlink`. Raises LoginError `link_in_use`."""
    kept = unlinked(session, name)
    link = Link(session=session, provider=name, subject=session.accounts[name])

    def unlinked_now(_: object) -> Flow[Answer]:
        yield from forget(way, visit, kept.id, name)
        visit.replace(kept.session())
        return reply()

    return AppCall(hook=way.hooks.on_unlink or _nothing, argument=link, then=unlinked_now)


def _connect(way: DirectWay, visit: Visit, name: str, signed_in: ProviderSignIn) -> Flow[Answer]:
    """Raises LoginError `link_session_ended`."""
    current = yield from visit.load()
    session = check_note(signed_in.transaction.note or "", current)
    subject = signed_in.profile.subject
    if session.accounts.get(name, subject) != subject:
        raise LoginError(
            "Another account of this provider is connected already.",
            code="link_taken",
            hint="Disconnect that one first.",
        )
    link = Link(
        session=session, provider=name, subject=subject, profile=signed_in.profile, tokens=signed_in.tokens
    )
    return AppCall(
        hook=way.hooks.on_link or _nothing,
        argument=link,
        then=lambda _: _connected(way, visit, link, signed_in.tokens),
    )


def _connected(way: DirectWay, visit: Visit, link: Link, tokens: Tokens) -> Flow[Reply]:
    session = linked(link.session, link.provider, link.subject).session()
    keep = yield from keeping(way, visit, session, link.provider, tokens)
    visit.replace(session)
    keep()
    return Reply.redirect(visit.return_path_of_state())


def _transaction(visit: Visit, state: str | None) -> Transaction:
    """Its cookie has served, whatever comes of it."""
    if state:
        visit.carry(forgotten(visit, cookie_name(state)))
    return open_transaction(state, visit.incoming.cookies, visit.config.sealer, now=visit.now)


def _nothing(link: Link) -> None:
    """The session alone remembers it, then."""
