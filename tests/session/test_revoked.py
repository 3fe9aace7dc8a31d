"""Sessions that were ended at the server, while their tokens still last."""

import json

import pytest

from tests.session.browser import NOON, Browser
from tests.session.office import Office
from vestibule.crypto.jwt import decode_unverified
from vestibule.errors import ConfigError, Unreachable
from vestibule.flow import HttpResponse
from vestibule.session.core import Core
from vestibule.session.model import Session, SignedOut
from vestibule.testing import Clock
from vestibule.testing.issuer import create_config
from vestibule.wire.paths import INTROSPECT, REVOKED


def create(**settings: object) -> tuple[Browser, Office, Clock]:
    clock = Clock(NOON)
    office = Office(create_config(**{"revocation": "list", **settings}), clock=clock)
    browser = Browser(office, Core(office.config, clock=clock))
    browser.jar = office.cookies()
    return browser, office, clock


def present(browser: Browser) -> Session:
    session = browser.session()
    assert session is not None
    return session


def end(office: Office, session: Session) -> None:
    office.revoke(session.access_token)


def test_a_revoked_session_is_signed_out_within_seconds() -> None:
    browser, office, clock = create()
    end(office, present(browser))
    present(browser)
    clock.advance(seconds=5)
    visit = browser.visit()
    assert browser.run(visit.load()) is None
    assert visit.reason is SignedOut.REFUSED
    assert any(name == "Set-Cookie" and "Max-Age=0" in value for name, value in visit.headers())


def test_others_stay() -> None:
    browser, office, clock = create()
    office.revoke(office.token())
    clock.advance(seconds=6)
    present(browser)


def test_the_list_is_asked_for_every_few_seconds_and_not_sent_again_unchanged() -> None:
    browser, office, clock = create(revocation_seconds=3)
    for _ in range(4):
        present(browser)
        present(browser)
        clock.advance(seconds=3)
    asked = office.requests_to(REVOKED)
    assert len(asked) == 4
    assert asked[-1].headers["If-None-Match"] == '"0 True"'
    assert office.config.api_key not in repr(asked[-1])


def test_nobody_asks_when_it_is_off() -> None:
    browser, office, _ = create(revocation="off")
    end(office, present(browser))
    present(browser)
    assert office.requests_to(REVOKED) == []


def test_those_who_need_the_list_meanwhile_share_one_request() -> None:
    browser, office, _ = create()
    browser.run(browser.core.sessions._tokens.current_keys())
    first, second = browser.visit().load(), browser.visit().load()
    one, two = next(first), next(second)
    assert (one.share, one.url) == (two.share, two.url)
    answer = office.send(one)
    for flow in (first, second):
        with pytest.raises(StopIteration):
            flow.send(answer)
    present(browser)


def test_too_many_to_list_means_asking_about_each_token_once_a_list() -> None:
    browser, office, clock = create()
    office.complete = False
    session = present(browser)
    present(browser)
    assert len(office.requests_to(INTROSPECT)) == 1
    end(office, session)
    clock.advance(seconds=5)
    assert browser.session() is None
    assert len(office.requests_to(INTROSPECT)) == 2
    assert session.access_token not in repr(office.requests_to(INTROSPECT))


@pytest.mark.parametrize(
    "answer", [HttpResponse(500), HttpResponse(200, b"[]"), HttpResponse(401, b"{}")], ids=str
)
def test_no_answer_about_a_token_signs_nobody_out(answer: HttpResponse) -> None:
    browser, office, clock = create()
    office.complete = False
    browser.run(browser.core.sessions._tokens.current_keys())
    visit = browser.visit()
    flow = visit.load()
    assert flow.send(office.send(next(flow))).url.endswith(INTROSPECT)
    with pytest.raises(StopIteration) as done:
        flow.send(answer)
    assert done.value.value is not None
    office.drop()
    assert browser.session() is not None
    clock.advance(seconds=60)
    assert browser.session() is not None


def test_the_last_good_list_counts_while_the_server_is_away() -> None:
    browser, office, clock = create()
    end(office, present(browser))
    clock.advance(seconds=5)
    assert browser.session() is None
    office.drop()
    clock.advance(seconds=60)
    assert browser.session() is None


def test_an_outage_signs_nobody_out_and_does_not_ask_with_each_request() -> None:
    browser, office, clock = create()
    present(browser)
    office.drop()
    clock.advance(seconds=5)
    for _ in range(3):
        present(browser)
    assert len(office.requests_to(REVOKED)) == 2
    clock.advance(seconds=10)
    present(browser)
    assert len(office.requests_to(REVOKED)) == 3


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse(404),
        HttpResponse(304),
        HttpResponse(200, b"no json"),
        HttpResponse(200, json.dumps({"session_ids": "x", "complete": True}).encode()),
        HttpResponse(200, json.dumps({"session_ids": [], "complete": "yes"}).encode()),
    ],
    ids=str,
)
def test_an_answer_that_is_no_list_counts_as_none(answer: HttpResponse) -> None:
    browser, _, _ = create()
    browser.run(browser.core.sessions._tokens.current_keys())
    flow = browser.visit().load()
    next(flow)
    with pytest.raises(StopIteration) as done:
        flow.send(answer)
    assert done.value.value is not None


def test_who_got_no_list_leaves_alone_the_one_that_came_meanwhile() -> None:
    browser, office, clock = create()
    browser.run(browser.core.sessions._tokens.current_keys())
    unlucky, lucky = browser.visit().load(), browser.visit().load()
    next(unlucky)
    with pytest.raises(StopIteration):
        lucky.send(office.send(next(lucky)))
    with pytest.raises(StopIteration):
        unlucky.throw(Unreachable("no answer"))
    clock.advance(seconds=5)
    present(browser)
    assert len(office.requests_to(REVOKED)) == 2


def test_a_list_older_than_a_token_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock(NOON)
    office = Office(create_config(revocation="list"), clock=clock)
    office.lifetime = 60
    browser = Browser(office, Core(office.config, clock=clock))
    browser.jar = office.cookies(expires_in=240)
    browser.run(browser.core.sessions._tokens.current_keys())
    present(browser)
    office.drop()
    for _ in range(4):
        clock.advance(seconds=30)
        present(browser)
    said = [record for record in caplog.records if getattr(record, "code", "") == "revocation.list_old"]
    assert len(said) == 1


def test_a_revoked_session_is_over_for_its_tokens_too() -> None:
    browser, office, clock = create(bearer=True)
    token = office.token()
    headers = {"authorization": f"Bearer {token}"}
    assert browser.run(browser.visit(headers=headers).load()) is not None
    office.revoke(token)
    clock.advance(seconds=5)
    visit = browser.visit(headers=headers)
    assert browser.run(visit.load()) is None
    assert visit.reason is SignedOut.BAD_TOKEN
    assert decode_unverified(token)["sid"] in office.revoked


def test_the_list_needs_a_vestibule_server_and_its_key() -> None:
    with pytest.raises(ConfigError, match="WorkOS has no list"):
        create_config(revocation="list", profile="workos")
    with pytest.raises(ConfigError, match="needs VESTIBULE_API_KEY"):
        create_config(revocation="list", api_key=None)
    with pytest.raises(ConfigError, match="off or list"):
        create_config(revocation="always")
    with pytest.raises(ConfigError, match="1 or more seconds"):
        create_config(revocation_seconds=0)
