"""The identity server itself, in the test's own process: its pages, its mail, its rules, and no network."""

import asyncio
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vestibule.crypto.signing import dump_signing_key, key_id, public_jwk
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.installation import Installation
from vestibule.server.app import create_app
from vestibule.server.identity.api_keys import create_api_key
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.keys import rotate_signing_key
from vestibule.server.identity.outbox import Mail, list_mails
from vestibule.server.identity.redirect_uris import ensure_redirect_uri
from vestibule.server.identity.secrets import seal_at_rest
from vestibule.server.identity.seeding import seed as put_in
from vestibule.server.identity.totp import code_of, parse_secret, step_at
from vestibule.server.identity.users import find_user_by_email
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store
from vestibule.session.config import Config
from vestibule.testing.asking import Asked
from vestibule.testing.browsers import browser_of
from vestibule.testing.clients import put_back, put_in_place, settings_of
from vestibule.testing.codes import Codes
from vestibule.testing.issuer import create_config, signing_key
from vestibule.testing.pages import PageBrowser
from vestibule.testing.person import PASSWORD, Person
from vestibule.testing.stand_in import StandIn

URL = "https://id.localhost"
SECRET = "what-only-the-laboratory-knows-and-nobody-needs-to"  # noqa: S105 - it protects nothing
MOST_MAILS = 1_000


class IdentityServer(StandIn):
    """`seed` is what a seed file holds; `settings` are fields of the server's `Settings`.

    Give it to the app with `use(client)`, which `person(…).sign_in(client)` does by itself, or build the app
    with `Auth(app, server.app_config(…), send=server)`. `stop` it, or use it in a `with`.
    """

    def __init__(
        self,
        *,
        seed: Mapping[str, Any] | None = None,
        clock: Callable[[], float] = time.time,
        **settings: Any,
    ) -> None:
        super().__init__(clock=clock)
        directory = Path(tempfile.mkdtemp(prefix="vestibule-lab-"))
        self._clean = weakref.finalize(self, shutil.rmtree, directory, ignore_errors=True)
        (directory / "vestibule.db").write_bytes(_new_database())
        database = f"sqlite:///{directory / 'vestibule.db'}"
        chosen = {"public_url": URL, "secret": SECRET, "database": database, "development": True, **settings}
        self._store = Store(chosen["database"])
        self.identity = Identity(self._store, Settings(**chosen), self._moment)
        self.url = self.identity.settings.public_url
        _put_signing_key(self.identity)
        if seed:
            put_in(self.identity, seed)
        self.client_id = ensure_environment(self.identity).client_id
        _, self.api_key = create_api_key(self.identity, "The app under test")
        self._asked = Asked(create_app(self.identity.settings, identity=self.identity))
        self._apps: list[Installation] = []
        self.noticed: Callable[[Any], object] = lambda client: None
        """Told each client whose app came to belong to this server."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Every app gets back what it had before."""
        while self._apps:
            put_back(self._apps.pop())
        self._asked.stop()
        self._store.close()
        self._clean()

    @property
    def mails(self) -> list[Mail]:
        """Everything that was to leave, the oldest first."""
        return list_mails(self.identity, limit=MOST_MAILS)[::-1]

    @property
    def codes(self) -> Codes:
        """`server.codes["ada@example.com"]`: the newest code that was mailed there."""
        return Codes(self.mails)

    def person(
        self, email: str = "ada@example.com", *, password: str = PASSWORD, **details: str | None
    ) -> Person:
        """Somebody with a browser of their own; `details` are those of `Person`. Who has no account here
        makes one when they first come."""
        return Person(self, email=email, password=password, **details)

    def browser(self) -> PageBrowser:
        """For walking the pages by hand."""
        return PageBrowser(self._asked.ask)

    def knows(self, email: str) -> bool:
        """Whether somebody has an account under this address."""
        return find_user_by_email(self.identity, email) is not None

    def totp(self, secret: str) -> str:
        """What an authenticator app shows at this moment."""
        return code_of(parse_secret(secret), step_at(self.identity.now))

    def use(self, client: Any, *, auth: Installation | None = None) -> Installation:
        """The client's app belongs to this server from here on, until the server stops."""
        self.noticed(client)
        browser = browser_of(client)
        found = auth or browser.installation()
        if found.transport is not self:
            config = settings_of(found, origin=browser.origin)
            adopted = self._adopted(config, browser.origin + config.callback_path)
            put_in_place(found, self, config=adopted)
            self._apps.append(found)
        return found

    def app_config(self, redirect_uri: str, **settings: Any) -> Config:
        """Settings for an app that is made for this server."""
        return self._adopted(create_config(**settings), redirect_uri)

    def rotate_key(self) -> None:
        rotate_signing_key(self.identity, immediately=True)

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        return await asyncio.to_thread(self.send, request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        status, headers, body = self._asked.ask(request)
        return HttpResponse(status, body, dict(headers))

    def _adopted(self, config: Config, redirect_uri: str) -> Config:
        ensure_redirect_uri(self.identity, redirect_uri)
        return replace(
            config,
            url=self.url,
            client_id=self.client_id,
            api_key=self.api_key,
            redirect_uri=redirect_uri,
            issuer=None,
            profile="vestibule",
            cookie_domain=None,
        )

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


def _put_signing_key(identity: Identity) -> None:
    """One for all servers of a process: making one takes longer than all the rest."""
    key, now = signing_key(), identity.now
    with identity.store.transaction() as tx:
        tx.signing_keys.create(
            kid=key_id(key),
            private_sealed=seal_at_rest(dump_signing_key(key), identity.settings.secret),
            public_jwk=public_jwk(key),
            signs_from=now,
            created_at=now,
        )


@cache
def _new_database() -> bytes:
    with tempfile.TemporaryDirectory(prefix="vestibule-lab-") as directory:
        path = Path(directory) / "vestibule.db"
        store = Store(f"sqlite:///{path}")
        store.create()
        store.close()
        return path.read_bytes()
