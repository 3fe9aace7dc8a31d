"""An app that people sign in to: in the tests' own process, or as one of its own with a JSON argument."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import FastAPI, Request

from vestibule.asgi import entry_of
from vestibule.fastapi import Auth, CurrentSession
from vestibule.session.config import Config

COOKIE_PASSWORD = "the-cookie-password-of-apps-that-meet-faults"


def create_app(
    config: Config, *, clock: Callable[[], float] = time.time, on_event: Any = None
) -> tuple[FastAPI, Auth]:
    app = FastAPI()
    auth = Auth(app, config, clock=clock, on_event=on_event)

    @app.get("/me")
    async def me(session: CurrentSession) -> dict[str, str]:
        return {"email": session.user.email, "session": session.id}

    @app.post("/refresh")
    async def refresh(request: Request) -> dict[str, str]:
        session = await entry_of(request.scope).refresh()
        return {"email": session.user.email, "session": session.id}

    @app.get("/public")
    async def public() -> dict[str, str]:
        return {"hello": "everybody"}

    return app, auth


def app_config(*, url: str, client_id: str, **settings: Any) -> Config:
    chosen = {"cookie_passwords": (COOKIE_PASSWORD,), "redirect_uri": "http://localhost:8000/callback"}
    return Config(url=url, client_id=client_id, **chosen | settings)


def main(text: str) -> None:
    """`ahead`: seconds this app's clock is ahead, so that tokens end sooner than any server allows."""
    job = json.loads(text)
    port, ahead = job.pop("port"), job.pop("ahead", 0.0)
    app, _ = create_app(app_config(**job), clock=lambda: time.time() + ahead)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="critical", ws="none")


if __name__ == "__main__":
    main(sys.argv[1])
