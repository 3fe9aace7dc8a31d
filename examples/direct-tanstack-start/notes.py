"""Everything that decides: who signs in, who is signed in, and who gets the data. The pages only show it."""

import os
from typing import Literal

from fastapi import FastAPI

from vestibule.fastapi import Auth, CurrentSession
from vestibule.oauth import Client
from vestibule.testing import TestProvider

NOTES = ["Punch cards for the loom", "Bernoulli numbers, once more", "A letter to Mr Babbage"]


def provider(name: Literal["github", "google"]) -> str | Client:
    """The real one, by its name; or one for tests, where the Makefile has started it."""
    at, secret = os.environ.get(f"{name.upper()}_TEST_URL"), os.environ.get("TEST_SECRET")
    return TestProvider(name, url=at, client_secret=secret).client() if at else name


app = FastAPI(title="Notes")
auth = Auth.direct(app, provider("github"), provider("google"), prefix="/api/auth")


@app.get("/api/notes")
def notes(session: CurrentSession) -> list[str]:
    """The second guard, of the data: whoever asks without the pages gets no further."""
    return [f"{note}, for {session.user.name}" for note in NOTES]
