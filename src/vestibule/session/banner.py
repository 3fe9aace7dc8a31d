"""The banner of an impersonation: everybody at the screen sees whose session this is, and can end it."""

from html import escape

from vestibule.session.model import Session

# Colours of its own: it must stand out on whatever page it is put.
STYLE = """
.vestibule-impersonation { box-sizing: border-box; position: sticky; top: 0; z-index: 2147483000;
  display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: center; margin: 0;
  padding: .6rem 1rem; background: #7a2e0e; color: #fff; font: 500 .9375rem/1.4 system-ui, sans-serif; }
.vestibule-impersonation p { margin: 0; overflow-wrap: anywhere; }
.vestibule-impersonation form { margin: 0; }
.vestibule-impersonation button { font: inherit; font-weight: 600; padding: .3rem .8rem; color: #7a2e0e;
  background: #fff; border: 0; border-radius: .4rem; cursor: pointer; }
.vestibule-impersonation button:focus-visible { outline: 3px solid #ffd9b8; outline-offset: 2px; }
"""


def banner_html(session: Session | None, *, sign_out: str, nonce: str | None = None) -> str:
    """Nothing unless somebody impersonates. `sign_out` is the path its button posts to; `nonce` is what a
    content security policy demands of a <style>. Everything in it is escaped."""
    if session is None or session.impersonator is None:
        return ""
    who, reason = session.impersonator.email, session.impersonator.reason
    because = f" ({escape(reason)})" if reason else ""
    organization = f" in {escape(session.organization_id)}" if session.organization_id else ""
    whom = session.user.email or session.user.id
    style = f'<style nonce="{escape(nonce)}">' if nonce else "<style>"
    return (
        f'{style}{STYLE}</style><div class="vestibule-impersonation" role="status">'
        f"<p><strong>{escape(who)}</strong> is signed in as <strong>{escape(whom)}</strong>"
        f"{organization}{because}.</p>"
        f'<form method="post" action="{escape(sign_out)}"><button type="submit">Stop</button></form></div>'
    )
