"""Sign-in with GitHub and Google, without a server or a database: a page for all, and one for members."""

import os
from html import escape
from pathlib import Path
from typing import Literal

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from vestibule.fastapi import Auth, CurrentSession, OptionalSession
from vestibule.oauth import Client
from vestibule.testing import TestProvider

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{0}</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/style.css">
<main><h1>{0}</h1>{1}</main></html>"""
STRANGER = """<p>For everyone. <a href="/account">The account page</a> is for people who are signed in.</p>
<p class="actions"><a class="button" href="/auth/sign-in/github?return_to=/account">Continue with GitHub</a>
<a class="button quiet" href="/auth/sign-in/google?return_to=/account">Continue with Google</a></p>"""
MEMBER = """<p>You are signed in. This page is for everyone; it knows you by your session.</p>
<div class="actions"><a class="button" href="/account">Your account</a>{}</div>"""
ACCOUNT = """<p>Only people who are signed in see this page.</p>
<dl><dt>Email</dt><dd>{}</dd><dt>Id</dt><dd><code>{}</code></dd><dt>Accounts</dt><dd>{}</dd></dl>
<div class="actions"><a class="button quiet" href="/">Home</a>{}</div>"""
BUTTON = """<form method="post" action="/auth/{}"><input type="hidden" name="return_to" value="{}">
<button class="button quiet">{}</button></form>"""
SIGN_OUT = BUTTON.format("sign-out", "/", "Sign out")
NAMES: dict[Literal["github", "google"], str] = {"github": "GitHub", "google": "Google"}


def provider(name: Literal["github", "google"]) -> str | Client:
    """The real one, by its name; or one for tests, where the Makefile has started it."""
    at, secret = os.environ.get(f"{name.upper()}_TEST_URL"), os.environ.get("TEST_SECRET")
    return TestProvider(name, url=at, client_secret=secret).client() if at else name


app = FastAPI(title="Direct")
app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
auth = Auth.direct(app, *map(provider, NAMES))


@app.get("/", response_class=HTMLResponse)
def home(session: OptionalSession) -> str:
    if session is None:
        return PAGE.format("Hello, stranger.", STRANGER)
    return PAGE.format(f"Hello, {escape(session.user.name or session.user.id)}.", MEMBER.format(SIGN_OUT))


@app.get("/account", response_class=HTMLResponse)
def account(session: CurrentSession) -> str:
    mine = [name for name in NAMES if auth.direct.is_connected(session, name)]
    more = [
        BUTTON.format(f"link/{name}", "/account", f"Connect {NAMES[name]}") for name in NAMES.keys() - mine
    ]
    about = (escape(session.user.email), escape(session.user.id), ", ".join(NAMES[name] for name in mine))
    return PAGE.format("Your account", ACCOUNT.format(*about, "".join([*more, SIGN_OUT])))
