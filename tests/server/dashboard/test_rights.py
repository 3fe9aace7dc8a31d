"""Every page and deed of the dashboard, asked for by those who may not: nothing is shown, nothing changes."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.clocks import Clock
from tests.server.dashboard.office import SAME_ORIGIN, Office, Seat, open_office
from tests.servers import at
from vestibule.server.dashboard.deeds import Deed
from vestibule.server.dashboard.routes import PARTS
from vestibule.server.identity.operators import RIGHTS

DEEDS = [each for part in PARTS for each in part]
POSTS = [each for each in DEEDS if each.method == "POST"]
SENSITIVE = [each for each in DEEDS if each.fresh]
PAGES = [each for each in DEEDS if each.method == "GET"]


def named(deed: Deed) -> str:
    return f"{deed.method} {deed.path}"


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock(at("2027-01-15T12:00:00+00:00"))


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory, empty_server: Path) -> Path:
    directory = tmp_path_factory.mktemp("rights")
    shutil.copy(empty_server, directory)
    return directory


@pytest.fixture(scope="module")
def office(directory: Path, clock: Clock) -> Iterator[Office]:
    """One for all: what is refused changes nothing."""
    with open_office(directory, clock) as office:
        for role in RIGHTS:
            office.operator(role).read("/dashboard")  # noted as seen, and not again within ten minutes
        yield office


@pytest.fixture(scope="module")
def stranger(office: Office) -> Seat:
    return office.stranger()


@pytest.fixture(scope="module")
def nobody(office: Office) -> Seat:
    """A browser that was here before, with nobody signed in."""
    seat = office.stranger("left@example.com")
    seat.client.cookies.delete("vestibule")
    return seat


@pytest.fixture(scope="module")
def settled(office: Office, stranger: Seat, nobody: Seat, clock: Clock, directory: Path) -> list[str]:
    """What is in the database once everybody is there, and the owner was seen as late as in any test."""
    with later(clock, minutes=10):
        office.operator("owner").read("/dashboard")
    return contents(directory)


@pytest.fixture
def unchanged(settled: list[str], directory: Path) -> Iterator[None]:
    yield
    assert contents(directory) == settled


def contents(directory: Path) -> list[str]:
    """Everything that is kept, but for the sign-ins that were begun, and when a browser was last seen."""
    with closing(sqlite3.connect(directory / "vestibule.db")) as database:
        return [line for line in database.iterdump() if not re.search('"(logins|browser_sessions)"', line)]


def address(deed: Deed) -> str:
    return re.sub(r"\{[^}]*\}", "none_such", deed.path)


def leads_to_sign_in(answer: httpx2.Response) -> bool:
    return answer.status_code == 303 and urlsplit(answer.headers["location"]).path == "/continue"


@contextmanager
def later(clock: Clock, *, minutes: int) -> Iterator[None]:
    before = clock.now
    clock.advance(minutes=minutes)
    yield
    clock.now = before


def ask(seat: Seat, deed: Deed) -> httpx2.Response:
    path = address(deed)
    return seat.get(path) if deed.method == "GET" else seat.post(path)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("deed", DEEDS, ids=named)
def test_a_lower_role_is_refused_and_nothing_changes(office: Office, deed: Deed) -> None:
    for role, rights in RIGHTS.items():
        if deed.right not in rights:
            answer = ask(office.operator(role), deed)
            assert (answer.status_code, "operator_role_too_low" in answer.text) == (403, True), role


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("deed", DEEDS, ids=named)
def test_AD_3_who_is_no_operator_gets_neither_pages_nor_deeds(
    stranger: Seat, nobody: Seat, deed: Deed
) -> None:
    answer = ask(stranger, deed)
    assert (answer.status_code, "not_an_operator" in answer.text) == (403, True)
    assert leads_to_sign_in(ask(nobody, deed))


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("deed", POSTS, ids=named)
def test_CS_1_a_form_from_elsewhere_does_nothing(office: Office, deed: Deed) -> None:
    """Neither one that another site sends along with the operator's cookies, nor one without the token."""
    owner, path = office.operator("owner"), address(deed)
    crossing = owner.client.post(path, data={"csrf": owner.csrf}, headers={"sec-fetch-site": "cross-site"})
    bare = owner.client.post(path, data={"x": "y"}, headers=SAME_ORIGIN)
    assert [each.status_code for each in (crossing, bare)] == [403, 403]
    assert "form_not_trusted" in crossing.text
    assert "form_not_trusted" in bare.text


@pytest.mark.parametrize("deed", SENSITIVE, ids=named)
def test_what_is_sensitive_asks_to_sign_in_again(office: Office, clock: Clock, deed: Deed) -> None:
    with later(clock, minutes=10):
        assert leads_to_sign_in(ask(office.operator("owner"), deed))


@pytest.mark.parametrize("deed", POSTS, ids=named)
def test_a_form_that_needs_a_sign_in_leads_back_to_a_page(deed: Deed) -> None:
    """The one with the form, which path parameters complete."""
    places = re.findall(r"\{(\w+)", deed.back)
    assert set(places) <= set(re.findall(r"\{(\w+)", deed.path))
    shapes = [re.sub(r"\{[^}]*\}", "[^/]+", each.path) for each in PAGES]
    assert any(re.fullmatch(shape, deed.back.partition("?")[0]) for shape in shapes), deed.back


@pytest.mark.parametrize("deed", PAGES, ids=named)
def test_AD_2_no_page_can_be_framed_or_kept(office: Office, deed: Deed) -> None:
    """Nor runs a script that it did not bring, nor tells other sites where somebody was."""
    headers = ask(office.operator("owner"), deed).headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
