"""The CSRF pair of a request: whether it fits, and the cookie of a new one."""

from typing import TYPE_CHECKING

from vestibule.cookies import SetCookie, is_secure
from vestibule.direct.aura import csrf
from vestibule.direct.aura.settings import csrf_cookie_name
from vestibule.direct.aura.tokens import FIFTEEN_DAYS
from vestibule.session.model import Session
from vestibule.session.visit import Visit

if TYPE_CHECKING:
    from vestibule.direct.aura.way import AuraWay


def fits(way: "AuraWay", visit: Visit, session: Session | None) -> bool:
    """A cookie that is damaged is one that does not fit, and nothing worse."""
    header = visit.incoming.headers.get(csrf.HEADER)
    session_id = session.id if session else None
    return any(
        csrf.fits(way.tokens, cookie=cookie, header=header, now=visit.now, session_id=session_id)
        for cookie in _held(way, visit)
    )


def give(way: "AuraWay", visit: Visit, session_id: str | None) -> str:
    """The text for the page: of the pair that the browser has, if it is good for this session."""
    good = (
        cookie
        for cookie in _held(way, visit)
        if csrf.is_usable(way.tokens, cookie, now=visit.now, session_id=session_id)
    )
    pair = next(good, None) or csrf.make(way.tokens, now=int(visit.now), session_id=session_id)
    visit.carry(_cookie(way, visit, pair))
    return pair


def forget(way: "AuraWay", visit: Visit) -> None:
    visit.carry(_cookie(way, visit, "").deletion())


def _held(way: "AuraWay", visit: Visit) -> list[str]:
    name = _cookie(way, visit, "").name
    return [value for each, value in visit.incoming.cookies if each == name and value]


def _cookie(way: "AuraWay", visit: Visit, value: str) -> SetCookie:
    secure = is_secure(visit.config.callback_url(), "strict")
    name = csrf_cookie_name(way.aura, secure=secure)
    return SetCookie(name, value, max_age=FIFTEEN_DAYS, secure=secure, same_site="strict")
