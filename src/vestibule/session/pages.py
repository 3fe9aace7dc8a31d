"""The small pages of the toolkit: one that explains a failure, one that asks before signing out, and what
direct mode's own are made of.

Self-contained, without scripts; everything that comes from outside is escaped.
"""

from base64 import b64encode
from hashlib import sha256
from html import escape

from vestibule.session.problems import Problem

STYLE = """
:root { color-scheme: light dark; --ink: #1d1c19; --soft: #5f5b53; --paper: #f1eee7; --card: #ffffff;
  --line: #e2ded6; --edge: #8a857b; --field: #ffffff; --wrong: #fbe9e7; --on-wrong: #7a1f14;
  --accent: #1b5e4f; --on-accent: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #eeece6; --soft: #a9a69d; --paper: #0f110f;
  --card: #1f231f; --line: #3a3f39; --edge: #7f857e; --field: #0f110f; --wrong: #4a1f1a; --on-wrong: #ffd9d3;
  --accent: #83d3b8; --on-accent: #0b211a; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.6 -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { width: 100%; max-width: 32rem; padding: 2.5rem 2.25rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 1rem;
  box-shadow: 0 1px 2px #0000000d, 0 12px 32px #0000000f; }
main.small { max-width: 25rem; }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.015em; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
.hint { color: var(--soft); }
.alert { padding: .7rem 1rem; border-radius: .6rem; background: var(--wrong); color: var(--on-wrong); }
.ways { display: grid; gap: .6rem; margin: 1.5rem 0 0; padding: 0; list-style: none; }
.ways a { display: block; text-align: center; background: var(--field); color: inherit;
  border-color: var(--edge); }
.ways a:hover { border-color: var(--accent); }
.or { display: flex; align-items: center; gap: .75rem; margin: 1.5rem 0 .25rem; color: var(--soft); }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
label { display: block; margin: 1rem 0 0; font-weight: 600; }
input { display: block; width: 100%; margin-top: .35rem; padding: .6rem .75rem; font: inherit;
  font-weight: 400; color: inherit; background: var(--field); border: 1px solid var(--edge);
  border-radius: .6rem; }
form > button { width: 100%; margin-top: 1.5rem; }
form.next > button { width: auto; margin: 0; }
.next { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.75rem 0 0; }
a, button { font: inherit; font-weight: 600; padding: .6rem 1.15rem; border-radius: .6rem; cursor: pointer;
  border: 1px solid transparent; background: var(--accent); color: var(--on-accent); text-decoration: none; }
a.quiet { background: none; color: inherit; border-color: var(--line); }
a:focus-visible, button:focus-visible, input:focus-visible {
  outline: 3px solid var(--accent); outline-offset: 2px; }
code { font: .85rem ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: var(--soft); }
.code { margin: 1.75rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); }
@media (max-width: 30rem) { main { padding: 1.75rem 1.25rem; } }
"""

STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()

# Chromium holds the redirects after a form against form-action too, and signing out ends at a page that
# only the identity server knows.
ANYWHERE = "'self' https: http://localhost:* http://127.0.0.1:*"


def security_headers(*, form_action: str = "'none'") -> tuple[tuple[str, str], ...]:
    """No script, nothing from elsewhere, no frame around it."""
    policy = (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {form_action}"
    )
    return (
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
    )


def problem_page(problem: Problem) -> str:
    hint = f'<p class="hint">{escape(problem.hint)}</p>' if problem.hint else ""
    link = (
        f'<p class="next"><a href="{escape(problem.retry)}">{escape(problem.retry_label)}</a></p>'
        if problem.retry
        else ""
    )
    code = f'<p class="code"><code>{escape(problem.code)}</code></p>'
    return page(problem.title, f"<p>{escape(problem.message)}</p>{hint}{link}{code}")


def sign_out_page(*, action: str, return_to: str | None, home: str) -> str:
    """Asks first: a link on another site led here, or a browser that guesses what comes next."""
    field = f'<input type="hidden" name="return_to" value="{escape(return_to)}">' if return_to else ""
    return page(
        "Sign out?",
        "<p>You followed a link that signs you out of this app. Nothing has happened yet.</p>"
        f'<form class="next" method="post" action="{escape(action)}">{field}'
        '<button type="submit">Sign out</button>'
        f'<a class="quiet" href="{escape(home)}">Stay signed in</a></form>',
    )


def page(title: str, content: str, *, size: str = "") -> str:
    """`content` is HTML: whatever comes from outside is escaped in it. `size`: of the card, `small`."""
    card = f'<main class="{size}">' if size else "<main>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{escape(title)}</title><style>{STYLE}</style></head>'
        f"<body>{card}<h1>{escape(title)}</h1>{content}</main></body></html>"
    )
