"""`Auth.direct(…)` makes the adapter's own `Auth`; `auth.direct` is awaited where the framework awaits."""

from typing import assert_type

import flask as flask_itself
from django.http import HttpRequest
from fastapi import FastAPI, Request
from starlette.applications import Starlette

from vestibule import asgi, django, fastapi, flask, litestar, starlette
from vestibule.datastores import SqlDataStore
from vestibule.direct import (
    AsyncDirect,
    BlockingDirect,
    Credentials,
    DirectSession,
    DirectSignIn,
    Link,
    SessionResult,
    SignInResult,
    SignOutResult,
    hash_password,
)
from vestibule.oauth import Client, github, google
from vestibule.oauth.profile import Profile
from vestibule.oauth.tokens import Tokens
from vestibule.session.model import SignedOut
from vestibule.wire.models import User


def on_sign_in(sign_in: DirectSignIn) -> None:
    assert_type(sign_in.session, DirectSession)
    assert_type(sign_in.profile, Profile | None)
    assert_type(sign_in.tokens, Tokens | None)
    sign_in.grant(user_id="u1", role="admin", permissions=["a"], metadata={"team": 7})
    sign_in.grant(colour="red")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def authorize(credentials: Credentials) -> User | None:
    stored = hash_password("correct horse")
    return User(id="u1", email=credentials.username) if credentials.verify(stored) else None


def on_link(link: Link) -> None:
    assert_type(link.subject, str)


def direct(store: SqlDataStore) -> None:
    auth = fastapi.Auth.direct(
        FastAPI(),
        "github",
        google(scopes=["openid"]),
        on_sign_in=on_sign_in,
        authorize=authorize,
        on_link=on_link,
        revocations=store,
        token_store=store,
        policy="rolling",
    )
    assert_type(auth, fastapi.Auth)
    assert_type(auth.direct, AsyncDirect)
    assert_type(starlette.Auth.direct(Starlette(), "github").direct, AsyncDirect)
    assert_type(litestar.Auth.direct("github"), litestar.Auth)
    assert_type(litestar.Auth.direct("github").direct, AsyncDirect)
    assert_type(asgi.Auth.direct(Starlette(), "github").direct, AsyncDirect)
    assert_type(flask.Auth.direct(flask_itself.Flask(__name__), "github"), flask.Auth)
    assert_type(django.Auth.direct("github"), django.Auth)
    assert_type(github(), Client)
    flask.Auth.direct(authorize="somebody")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def awaited(auth: fastapi.Auth, request: Request) -> str:
    result = await auth.direct.get_session(request)
    assert_type(result, SessionResult)
    assert_type(result.authenticated, bool)
    assert_type(result.reason, SignedOut | None)
    if result.session is None:
        return (await auth.direct.sign_in(request, "github", redirect=False)).sign_in_url
    assert_type(result.session, DirectSession)
    assert_type(result.session.provider, str | None)
    assert_type(await auth.direct.provider_tokens(request, "github"), Tokens)
    assert_type(await auth.direct.update_session(request, {"name": "Ada"}, role="admin"), DirectSession)
    assert_type(await auth.direct.refresh_user(request), DirectSession)
    assert_type(await auth.direct.sign_out(request), SignOutResult)
    return result.session.user.email


def waited(auth: flask.Auth, other: django.Auth, request: HttpRequest) -> bool:
    assert_type(auth.direct, BlockingDirect)
    assert_type(other.direct, BlockingDirect)
    assert_type(other.adirect, AsyncDirect)
    assert_type(auth.direct.get_session(flask_itself.request), SessionResult)
    assert_type(other.direct.get_session(request).session, DirectSession | None)
    assert_type(auth.direct.sign_in(request, "github"), SignInResult)
    assert_type(auth.direct.revoke_provider_tokens(request, "github"), bool)
    auth.direct.revoke_user("github:1")
    return auth.direct.get_session(request).success
