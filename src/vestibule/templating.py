"""For Jinja templates: links, who is signed in, the impersonation banner, and `{% guard %}`.

    {{ impersonation_banner() }}
    {% if current_session %}Hello {{ current_session.user.email }}
    {% else %}<a href="{{ sign_in_url(return_to="/me") }}">Sign in</a>{% endif %}
    {% guard permission="invoices:read" %}<a href="/invoices">Invoices</a>{% else %}Ask first.{% endguard %}

Flask's templates have these by themselves; `auth.templates(Jinja2Templates(…))` gives them to those of
Starlette and FastAPI. A guard in a template hides; it protects nothing: guard the route too.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context

from vestibule.entry import Entry
from vestibule.session.banner import banner_html
from vestibule.session.guards import requirement
from vestibule.session.model import Session

__all__ = ["GuardExtension", "template_names"]

KEY = "vestibule_entry"


class GuardExtension(Extension):
    """`{% guard words… %}…{% else %}…{% endguard %}` with the words of `requires`."""

    tags = {"guard"}  # noqa: RUF012 - Jinja reads it from the class

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        words: list[nodes.Keyword] = []
        while parser.stream.current.type != "block_end":
            name = parser.stream.expect("name").value
            parser.stream.expect("assign")
            words.append(nodes.Keyword(name, parser.parse_expression()))
            parser.stream.skip_if("comma")
        body = parser.parse_statements(("name:endguard", "name:else"), drop_needle=False)
        otherwise: list[nodes.Node] = []
        if parser.stream.current.test("name:else"):
            next(parser.stream)
            otherwise = parser.parse_statements(("name:endguard",), drop_needle=False)
        next(parser.stream)
        allowed = self.call_method("allowed", [nodes.ContextReference()], words)
        return nodes.If(allowed, body, [], otherwise, lineno=line)

    def allowed(self, context: Context, **words: Any) -> bool:
        """Whether the session of the page has what the words ask for."""
        entry, session = context.get(KEY), context.get("current_session")
        if not session or entry is None:
            return False
        return requirement(**words).missing(session, entry.visit.now) is None


class Html(str):
    """Markup that was escaped where it was made."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


class Lazily:
    """The session as a template reads it: loaded when it is asked for, false when nobody is signed in."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[], Session | None]) -> None:
        self._read = read

    def __bool__(self) -> bool:
        return self._read() is not None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._read(), name)


def template_names(entry: Entry, read: Callable[[], Session | None]) -> dict[str, object]:
    """What a template may say, for one request."""
    root = entry.visit.incoming.root_path

    def link(page: str) -> Callable[..., str]:
        def url(return_to: str | None = None, **params: object) -> str:
            given = {name: str(value) for name, value in params.items() if value is not None}
            query = urlencode(({"return_to": return_to} if return_to else {}) | given)
            return f"{root}{entry.visit.config.prefix}/{page}" + (f"?{query}" if query else "")

        return url

    def banner(nonce: str | None = None) -> Html:
        return Html(banner_html(read(), sign_out=link("sign-out")(), nonce=nonce))

    return {
        KEY: entry,
        "current_session": Lazily(read),
        "sign_in_url": link("sign-in"),
        "sign_up_url": link("sign-up"),
        "sign_out_url": link("sign-out"),
        "impersonation_banner": banner,
    }
