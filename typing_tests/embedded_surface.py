"""`Auth.embedded` is the adapter's own `Auth`, and the rules take its `identity`."""

from typing import assert_type

from fastapi import FastAPI
from flask import Flask

from vestibule import fastapi, flask, litestar
from vestibule.server.identity.context import Identity
from vestibule.server.identity.people import User
from vestibule.server.identity.users import create_user

auth = fastapi.Auth.embedded(FastAPI(), database="sqlite:///auth.db", server_path="/id", sign_up=False)
assert_type(auth, fastapi.Auth)
assert_type(auth.identity, Identity)
assert_type(create_user(auth.identity, email="ada@example.com"), User)

assert_type(flask.Auth.embedded(Flask(__name__), management_api=True), flask.Auth)
assert_type(litestar.Auth.embedded(), litestar.Auth)
