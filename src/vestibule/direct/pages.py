"""The page of direct mode where somebody chooses how to sign in."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from vestibule.session.pages import page


@dataclass(frozen=True, slots=True)
class Choice:
    """A provider by the name people know, and where signing in there begins."""

    name: str
    url: str


def sign_in_page(
    choices: Iterable[Choice],
    *,
    host: str,
    action: str | None,
    return_to: str | None = None,
    username: str = "",
    alert: str | None = None,
) -> str:
    """`host`: of the app, as its people know it. `action`: where the form with a password goes; None: the
    app has no passwords."""
    listed = "".join(
        f'<li><a href="{escape(each.url)}">Continue with {escape(each.name)}</a></li>' for each in choices
    )
    ways = f'<ul class="ways">{listed}</ul>' if listed else ""
    between = '<p class="or">or</p>' if listed and action is not None else ""
    told = f'<p class="alert" role="alert">{escape(alert)}</p>' if alert else ""
    form = _form(action, return_to=return_to, username=username) if action is not None else ""
    lead = f'<p class="hint">To go on to {escape(host)}</p>'
    return page("Sign in", f"{lead}{told}{form}{between}{ways}", size="small")


def _form(action: str, *, return_to: str | None, username: str) -> str:
    back = f'<input type="hidden" name="return_to" value="{escape(return_to)}">' if return_to else ""
    return (
        f'<form method="post" action="{escape(action)}">{back}'
        "<label>Name or e-mail address"
        f'<input name="username" autocomplete="username" required value="{escape(username)}"'
        ' autocapitalize="none" spellcheck="false"></label>'
        '<label>Password<input name="password" type="password" autocomplete="current-password" required>'
        "</label>"
        '<button type="submit">Sign in</button></form>'
    )
