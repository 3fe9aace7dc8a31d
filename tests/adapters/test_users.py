"""The app's own user."""

import asyncio
import threading
from typing import Any

import pytest

from tests.adapters.conftest import Build
from tests.adapters.rigs import Rig
from vestibule.asgi import Auth
from vestibule.entry import AsyncEntry, BlockingEntry
from vestibule.session.incoming import Incoming
from vestibule.session.model import Session
from vestibule.testing import TestIssuer, sign_in

ASK = "/act?do=user"


class People:
    """A table of the app's."""

    def __init__(self, **known: str) -> None:
        self.known = known
        self.asked: list[str] = []
        self.threads: list[threading.Thread] = []

    def find(self, session: Session) -> dict[str, str] | None:
        self.asked.append(session.user.email)
        self.threads.append(threading.current_thread())
        name = self.known.get(session.user.email.partition("@")[0])
        return None if name is None else {"name": name}

    async def find_async(self, session: Session) -> dict[str, str] | None:
        await asyncio.sleep(0)
        return self.find(session)


@pytest.fixture(params=["blocking", "async"])
def rig(request: pytest.FixtureRequest, make: Build) -> Rig:
    people = People(ada="Ada L.")
    rig = make(load_user=people.find if request.param == "blocking" else people.find_async)
    rig.auth.people = people
    return rig


def test_it_is_found_once_a_request_and_only_when_asked(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, email="ada@example.com")
    assert rig.get("/me").status == 200
    assert rig.auth.people.asked == []
    assert rig.get(ASK).json == {"user": {"name": "Ada L."}}
    assert rig.auth.people.asked == ["ada@example.com"]
    rig.get(ASK)
    assert len(rig.auth.people.asked) == 2


def test_nobody_is_signed_in(rig: Rig) -> None:
    assert rig.get(ASK).json == {"user": None}
    assert rig.auth.people.asked == []


def test_somebody_the_app_does_not_know_gets_a_403(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, email="eve@example.com")
    program = rig.get(ASK)
    assert program.status == 403
    assert program.json["error"]["code"] == "unknown_user"
    page = rig.open(ASK)
    assert page.status == 403
    assert "does not know you" in page.text


def test_without_a_load_user_the_app_is_set_up_wrong(make: Build) -> None:
    rig = make()
    sign_in(rig.client, auth=rig.auth)
    assert rig.get(ASK).status == 500


def test_a_blocking_one_does_not_stop_the_loop(make: Build) -> None:
    people = People(ada="Ada L.")
    rig = make(load_user=people.find)
    sign_in(rig.client, auth=rig.auth, email="ada@example.com")
    loops: list[Any] = []

    def find(session: Session) -> dict[str, str] | None:
        try:
            loops.append(asyncio.get_running_loop())
        except RuntimeError:
            loops.append(None)
        return people.find(session)

    rig.auth.load_user = find
    assert rig.get(ASK).status == 200
    assert loops == [None]


def test_two_who_ask_at_the_same_time_share_one_question() -> None:
    people = People(ada="Ada L.")
    issuer = TestIssuer()
    auth = Auth(lambda *_: None, issuer.config, send=issuer, load_user=people.find_async)  # type: ignore[arg-type]
    cookie = "; ".join(f"{name}={value}" for name, value in issuer.cookies().items())

    async def ask() -> list[object]:
        visit = auth.core.visit(Incoming(method="GET", path="/", headers={"cookie": cookie}))
        entry = AsyncEntry(auth, visit)
        return list(await asyncio.gather(entry.user(), entry.user()))

    assert asyncio.run(ask()) == [{"name": "Ada L."}] * 2
    assert len(people.asked) == 1


def test_after_a_switch_it_is_the_user_in_the_new_organization() -> None:
    issuer = TestIssuer()
    auth = Auth(lambda *_: None, issuer.config, send=issuer, load_user=lambda each: each.organization_id)  # type: ignore[arg-type]
    kept = issuer.cookies(organization_id="org_1").items()
    headers = {"cookie": "; ".join(f"{name}={value}" for name, value in kept)}
    entry = BlockingEntry(auth, auth.core.visit(Incoming(method="GET", path="/", headers=headers)))
    assert entry.user() == "org_1"
    entry.switch_organization("org_2")
    assert entry.user() == "org_2"
