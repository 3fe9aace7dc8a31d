"""The answers the core gives in the app's place, each for a page, for htmx or for a program."""

from collections.abc import Mapping
from urllib.parse import urlencode

from vestibule.errors import SignInNeeded
from vestibule.session.checks import web_url
from vestibule.session.guards import Missing
from vestibule.session.incoming import Incoming
from vestibule.session.pages import problem_page, security_headers
from vestibule.session.problems import ErrorPage, Problem, problem_of
from vestibule.session.reply import Reply
from vestibule.session.return_path import sanitize_return_path
from vestibule.session.visit import Visit


def our_path(visit: Visit, name: str, **query: object) -> str:
    """The address of one of our routes as the browser sees it, such as `/auth/sign-in?return_to=%2Fme`."""
    given = {key: str(value) for key, value in query.items() if value is not None}
    path = f"{visit.incoming.root_path}{visit.config.prefix}/{name}"
    return f"{path}?{urlencode(given)}" if given else path


def sign_in_path(visit: Visit, **query: object) -> str:
    """Where sign-in begins and comes back to the page the visitor is on."""
    return our_path(visit, "sign-in", return_to=_page_of(visit.incoming), **query)


def signed_out(visit: Visit, *, page: str = "sign-in") -> Reply:
    """A page goes to sign-in (or sign-up), htmx is told to, a program gets 401."""
    location = our_path(visit, page, return_to=_page_of(visit.incoming))
    if visit.incoming.is_navigation:
        return Reply.redirect(location)
    if visit.credential is not None:
        return bad_token()
    return Reply.json(
        401,
        "signed_out",
        "Sign in first.",
        headers=(*_challenge(visit), *_htmx(visit.incoming, location)),
        reason=visit.reason.value if visit.reason else None,
        sign_in_url=location,
    )


def bad_token() -> Reply:
    """For who showed a token or a key that does not count. Why it does not, the app's log knows."""
    challenge = ("WWW-Authenticate", 'Bearer error="invalid_token"')
    message = "This token or key is not valid, not for this app, or not any more."
    return Reply.json(401, "invalid_token", message, headers=(challenge,))


def stale(visit: Visit, max_age: int) -> Reply:
    """Signed in, but too long ago for this: prove it again."""
    location = sign_in_path(visit, max_age=max_age)
    if visit.incoming.is_navigation:
        return Reply.redirect(location)
    return Reply.json(
        403,
        "reauthentication_required",
        "Sign in again to go on.",
        headers=_htmx(visit.incoming, location),
        missing={"recent": max_age},
        sign_in_url=location,
    )


def sign_in_needed(visit: Visit, error: SignInNeeded, error_page: ErrorPage | None) -> Reply:
    """An organization that wants more than a switch: a page goes on at the server, a program learns where."""
    elsewhere = error.fields.get("authkit_redirect_url")
    if visit.incoming.wants_page:
        if isinstance(elsewhere, str) and web_url(elsewhere) is not None:
            return Reply.redirect(elsewhere)
        return Reply.redirect(visit.begin(organization_id=error.organization_id, return_path=error.return_to))
    again = our_path(visit, "sign-in", organization_id=error.organization_id, return_to=error.return_to)
    problem = problem_of(error, sign_in=again, here=again)
    return explain(
        visit.incoming, problem, error_page, headers=_htmx(visit.incoming, again), sign_in_url=again
    )


def too_many(visit: Visit, seconds: int, error_page: ErrorPage | None) -> Reply:
    problem = Problem(
        status=429,
        code="rate_limited",
        title="Too many requests",
        message="You have done this too often in a short time.",
        hint=f"Try again in {seconds} second{'' if seconds == 1 else 's'}.",
        retry=visit.incoming.url_path if visit.incoming.method == "GET" else None,
    )
    return explain(visit.incoming, problem, error_page, headers=(("Retry-After", str(seconds)),))


def forbidden(visit: Visit, missing: Missing, error_page: ErrorPage | None) -> Reply:
    problem = Problem(
        status=403,
        code="forbidden",
        title="Not allowed",
        message="You are signed in, but this needs more than you have: " + in_words(missing) + ".",
        hint="Ask whoever runs this app, or switch to the organization where you have it.",
        retry=visit.incoming.root_path + visit.config.home,
        retry_label="Go to the start page",
    )
    return explain(visit.incoming, problem, error_page, missing=missing)


def explain(
    incoming: Incoming,
    problem: Problem,
    error_page: ErrorPage | None,
    *,
    headers: tuple[tuple[str, str], ...] = (),
    **extra: object,
) -> Reply:
    """A page for a person, JSON for a program."""
    if not incoming.wants_page:
        hint = {"hint": problem.hint} if problem.hint else {}
        return Reply.json(problem.status, problem.code, problem.message, headers=headers, **hint, **extra)
    if error_page is not None:
        return Reply.page(problem.status, error_page(problem), headers=headers)
    return Reply.page(problem.status, problem_page(problem), headers=(*headers, *security_headers()))


def in_words(missing: Mapping[str, object]) -> str:
    """`permission users:delete and role admin`."""
    return " and ".join(_in_words(word, value) for word, value in missing.items())


def _in_words(word: str, value: object) -> str:
    if word in ("any_of", "all_of") and isinstance(value, list):
        return (" or " if word == "any_of" else " and ").join(in_words(each) for each in value)
    if word == "recent":
        return f"a sign-in at most {value} seconds old"
    if value is True:
        return f"an {word}"
    return f"{word} {', '.join(map(str, value))}" if isinstance(value, list) else f"{word} {value}"


def _page_of(incoming: Incoming) -> str | None:
    """What to come back to: the page that htmx or a script sits on, or this one; nothing after a request that
    is no GET and does not say where it came from."""
    if incoming.is_htmx:
        return sanitize_return_path(incoming.headers.get("hx-current-url"))
    page = None if incoming.is_navigation else incoming.page_behind
    if page is not None:
        return sanitize_return_path(page)
    return sanitize_return_path(incoming.url_path) if incoming.method == "GET" else None


def _challenge(visit: Visit) -> tuple[tuple[str, str], ...]:
    # RFC 6750 §3: no error for who has shown nothing yet.
    takes_tokens = visit.config.bearer or visit.config.api_keys
    return (("WWW-Authenticate", "Bearer"),) if takes_tokens else ()


def _htmx(incoming: Incoming, location: str) -> tuple[tuple[str, str], ...]:
    return (("HX-Redirect", location),) if incoming.is_htmx else ()
