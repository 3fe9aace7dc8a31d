"""`{% load vestibule %}`: links, the banner of an impersonation, and parts of a page for some.

    {% impersonation_banner %}
    <a href="{% sign_in_url return_to=request.path %}">Sign in</a>
    {% guard permission="invoices:read" %}<a href="/invoices">Invoices</a>{% else %}Ask us.{% endguard %}

A guard in a template hides; it protects nothing: guard the view too.
"""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.template import Context, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.utils.safestring import SafeString, mark_safe

from vestibule.django.requests import RequestAuth, entry_of
from vestibule.session.banner import banner_html
from vestibule.session.guards import Wanted, requirement

register = template.Library()


@register.simple_tag(takes_context=True)
def sign_in_url(context: Context, return_to: str | None = None, **hints: object) -> str:
    """The path a link to sign-in has. `hints`: login_hint organization_id prompt."""
    return _url(context, "sign-in", return_to, hints)


@register.simple_tag(takes_context=True)
def sign_up_url(context: Context, return_to: str | None = None, **hints: object) -> str:
    return _url(context, "sign-up", return_to, hints)


@register.simple_tag(takes_context=True)
def sign_out_url(context: Context, return_to: str | None = None) -> str:
    """The path a form posts to; it needs no `{% csrf_token %}`."""
    return _url(context, "sign-out", return_to, {})


@register.simple_tag(takes_context=True)
def impersonation_banner(context: Context, nonce: str | None = None) -> SafeString:
    """Nothing unless somebody impersonates. `nonce` is that of a content security policy."""
    html = banner_html(_entry(context).session, sign_out=_url(context, "sign-out", None, {}), nonce=nonce)
    return mark_safe(html)  # noqa: S308 - escaped where it is made


class Guard(Node):
    def __init__(self, wanted: dict[str, FilterExpression], inside: NodeList, otherwise: NodeList) -> None:
        self._wanted = wanted
        self.nodelist = inside
        self._otherwise = otherwise

    def render(self, context: Context) -> SafeString:
        entry = _entry(context)
        session = entry.session
        words: Any = {name: value.resolve(context) for name, value in self._wanted.items()}
        allowed = session is not None and requirement(**words).missing(session, entry.visit.now) is None
        return (self.nodelist if allowed else self._otherwise).render(context)


@register.tag("guard")
def guard(parser: Parser, token: Token) -> Guard:
    """`{% guard words… %}…{% else %}…{% endguard %}` with the words of `requires`; bare: signed in."""
    words = token.split_contents()[1:]
    wanted = token_kwargs(words, parser)
    unknown = [*words, *(wanted.keys() - Wanted.__annotations__.keys())]
    if unknown:
        raise TemplateSyntaxError(f"guard takes the words of `requires`, and {unknown[0]!r} is none.")
    inside = parser.parse(("else", "endguard"))
    otherwise = NodeList()
    if parser.next_token().contents == "else":
        otherwise = parser.parse(("endguard",))
        parser.delete_first_token()
    return Guard(wanted, inside, otherwise)


def _entry(context: Context) -> RequestAuth:
    request = getattr(context, "request", None) or context.get("request")
    if not isinstance(request, HttpRequest):
        raise TemplateSyntaxError("These tags need the request: render with `render(request, …)`.")
    return entry_of(request)


def _url(context: Context, page: str, return_to: str | None, hints: dict[str, object]) -> str:
    entry = _entry(context)
    given = {name: str(value) for name, value in {"return_to": return_to, **hints}.items() if value}
    path = f"{entry.visit.incoming.root_path}{entry.core.config.prefix}/{page}"
    return f"{path}?{urlencode(given)}" if given else path
