"""Access tokens and API keys in `Authorization`."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.session.browser import NOON, no_network
from tests.session.office import Office
from vestibule.errors import ConfigError, Refused, Unreachable
from vestibule.flow import HttpResponse, run
from vestibule.session.config import Config
from vestibule.session.core import Core
from vestibule.session.events import Event
from vestibule.session.incoming import Incoming
from vestibule.session.model import SignedOut
from vestibule.session.visit import Visit
from vestibule.testing import Clock
from vestibule.testing.issuer import create_config


class Stage:
    def __init__(self, **settings: Any) -> None:
        self.clock = Clock(NOON)
        self.office = Office(create_config(**settings), clock=self.clock)
        self.events: list[Event] = []
        self.core = Core(self.office.config, clock=self.clock, on_event=self.events.append)

    def visit(self, authorization: str | None = None, **more: Any) -> Visit:
        headers = dict(more.pop("headers", {}))
        if authorization is not None:
            headers["authorization"] = authorization
        return self.core.visit(Incoming(**{"method": "GET", "path": "/", "headers": headers, **more}))

    def load(self, visit: Visit) -> Any:
        return run(visit.load(), self.office.send)

    def guard(self, visit: Visit) -> Any:
        return run(self.core.guard(visit), self.office.send)

    def cookie(self) -> dict[str, str]:
        return {"cookie": "; ".join(f"{name}={value}" for name, value in self.office.cookies().items())}


@pytest.fixture
def stage() -> Stage:
    return Stage(bearer=True, api_keys=True)


def test_a_token_is_a_session(stage: Stage) -> None:
    token = stage.office.token(permissions=["invoices:read"], organization_id="org_1")
    session = stage.load(stage.visit(f"Bearer {token}"))
    assert session.user.id.startswith("user_")
    assert (session.user.email, session.authentication_method) == ("", "Bearer")
    assert (session.organization_id, session.permissions) == ("org_1", {"invoices:read"})
    assert session.access_token == token
    assert session.api_key is None
    assert token not in repr(session)


def test_the_user_has_what_the_claims_say(stage: Stage) -> None:
    claims = {"email": "ada@example.com", "email_verified": True, "given_name": "Ada", "name": "Ada L."}
    token = stage.office.token(
        claims={**claims, "authentication_method": "SSO"}, impersonator="root@us.example"
    )
    session = stage.load(stage.visit(f"bearer  {token}"))
    user = session.user
    assert (user.email, user.email_verified, user.first_name) == ("ada@example.com", True, "Ada")
    assert session.authentication_method == "SSO"
    assert session.impersonator.email == "root@us.example"


def test_a_token_may_be_used_for_a_minute_after_its_end(stage: Stage) -> None:
    assert stage.load(stage.visit(f"Bearer {stage.office.token(expires_in=-59)}")) is not None
    assert stage.load(stage.visit(f"Bearer {stage.office.token(expires_in=-61)}")) is None


def test_the_cookie_has_no_such_leeway(stage: Stage) -> None:
    token = stage.office.token(expires_in=-10)
    assert stage.load(stage.visit(f"Bearer {token}")) is not None
    stage.office.cookies()
    visit = stage.visit(headers=_sealed(stage, token))
    assert stage.load(visit) is None  # its refresh token is none of the issuer's
    assert visit.reason is SignedOut.REFUSED


def _sealed(stage: Stage, token: str) -> dict[str, str]:
    user = {"id": _subject(token), "email": "ada@example.com"}
    config = stage.office.config
    payload = {"accessToken": token, "refreshToken": "unknown", "user": user}
    return {"cookie": f"{config.cookie_name}={config.sealer.seal(payload)}"}


def _subject(token: str) -> object:
    from vestibule.crypto.jwt import decode_unverified

    return decode_unverified(token)["sub"]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Bearer a.b.c",
        "Bearer a, Bearer b",
        "bearer \x00",
        "Bearer " + "x" * 9999,
    ],
)
def test_a_token_that_is_not_valid_is_nobody(stage: Stage, header: str) -> None:
    visit = stage.visit(header)
    reply = stage.guard(visit)
    assert visit.reason is SignedOut.BAD_TOKEN
    assert reply.status == 401
    assert ("WWW-Authenticate", 'Bearer error="invalid_token"') in reply.headers
    assert b'"invalid_token"' in reply.body
    visit.headers()
    assert stage.events[-1].code == "request.credential_refused"


def test_JW_5_tokens_of_other_kinds_are_refused(stage: Stage) -> None:
    from vestibule.crypto.signing import key_id, sign

    claims = {"iss": stage.office.config.url, "aud": stage.office.config.client_id, "sub": "user_1"}
    claims |= {"sid": "session_1", "iat": int(NOON), "exp": int(NOON) + 300}
    for kind in ("JWT", "logout+jwt", "id+jwt"):
        token = sign(claims, stage.office.key, kid=key_id(stage.office.key), typ=kind)
        assert stage.load(stage.visit(f"Bearer {token}")) is None
    refresh = stage.office.refresh_token(object())  # type: ignore[arg-type]
    assert stage.load(stage.visit(f"Bearer {refresh}")) is None


def test_the_cookie_does_not_help_a_bad_token(stage: Stage) -> None:
    assert stage.load(stage.visit(headers=stage.cookie())) is not None
    visit = stage.visit("Bearer nonsense", headers=stage.cookie())
    assert stage.load(visit) is None


def test_another_scheme_leaves_the_cookie_in_force(stage: Stage) -> None:
    assert stage.load(stage.visit("Basic YTpi", headers=stage.cookie())) is not None
    visit = stage.visit("Basic YTpi", method="POST", headers={"sec-fetch-site": "cross-site"})
    assert stage.core.refuse_cross_site(visit) is not None


def test_a_browser_that_shows_a_token_is_never_redirected(stage: Stage) -> None:
    navigation = {"sec-fetch-mode": "navigate", "accept": "text/html", "hx-request": "true"}
    reply = stage.guard(stage.visit("Bearer nonsense", headers=navigation))
    assert reply.status == 401
    assert not any(name == "HX-Redirect" for name, _ in reply.headers)
    old = stage.office.token(authenticated_ago=9999)
    visit = stage.visit(f"Bearer {old}", headers=navigation)
    from vestibule.session.guards import requirement

    stale = run(stage.core.guard(visit, requirement(recent=60)), stage.office.send)
    assert stale is not None
    assert stale.status == 403


def test_no_cookie_is_written(stage: Stage) -> None:
    headers = {**stage.cookie(), "sec-fetch-mode": "navigate"}
    visit = stage.visit(f"Bearer {stage.office.token()}", headers=headers)
    assert stage.load(visit) is not None
    visit.end()
    visit.begin()
    assert [name for name, _ in visit.headers() if name == "Set-Cookie"] == []
    assert not visit.pending


def test_the_end_of_an_api_clients_session_is_not_the_end_of_the_cookies(stage: Stage) -> None:
    visit = stage.visit("Bearer nonsense", headers=stage.cookie())
    assert visit.end() == "/"


def test_there_is_nothing_to_refresh(stage: Stage) -> None:
    visit = stage.visit(f"Bearer {stage.office.token()}")
    with pytest.raises(Refused) as caught:
        run(visit.refresh(), stage.office.send)
    assert caught.value.error == "not_refreshable"


def test_CS_1_the_header_alone_decides_so_another_site_may_ask(stage: Stage) -> None:
    elsewhere = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    token = stage.office.token()
    assert (
        stage.core.refuse_cross_site(stage.visit(f"Bearer {token}", method="POST", headers=elsewhere)) is None
    )
    assert stage.core.refuse_cross_site(stage.visit(method="POST", headers=elsewhere)) is not None
    switched_off = Stage()
    assert switched_off.core.refuse_cross_site(
        switched_off.visit(f"Bearer {token}", method="POST", headers=elsewhere)
    )


def test_CS_1_signing_out_is_a_browsers_affair_whatever_the_header(stage: Stage) -> None:
    elsewhere = {"sec-fetch-site": "cross-site", **stage.cookie()}
    visit = stage.visit(
        f"Bearer {stage.office.token()}", method="POST", path="/auth/sign-out", headers=elsewhere
    )
    assert visit.credential is None
    assert stage.core.refuse_cross_site(visit) is not None


def test_off_by_default() -> None:
    stage = Stage()
    visit = stage.visit(f"Bearer {stage.office.token()}")
    assert stage.load(visit) is None
    assert visit.reason is SignedOut.NO_COOKIE
    assert not any(name == "WWW-Authenticate" for name, _ in stage.guard(visit).headers)


def test_who_shows_nothing_learns_that_tokens_are_taken(stage: Stage) -> None:
    reply = stage.guard(stage.visit())
    assert ("WWW-Authenticate", "Bearer") in reply.headers
    assert b'"signed_out"' in reply.body


def test_a_session_past_its_age_is_over_for_its_tokens_too() -> None:
    stage = Stage(bearer=True, session_max_age=3600)
    assert stage.load(stage.visit(f"Bearer {stage.office.token(authenticated_ago=3000)}")) is not None
    assert stage.load(stage.visit(f"Bearer {stage.office.token(authenticated_ago=4000)}")) is None


def test_a_key_set_that_cannot_be_had_is_no_refusal(stage: Stage) -> None:
    stage.office.drop()
    with pytest.raises(Unreachable):
        stage.load(stage.visit(f"Bearer {stage.office.token()}"))


# --- API keys ---


def test_a_key_of_an_organization_is_nobody_but_the_key(stage: Stage) -> None:
    value = stage.office.api_key(permissions=["reports:read"], expires_at="2030-01-01T00:00:00.000Z")
    session = stage.load(stage.visit(f"Bearer {value}"))
    assert (session.id, session.user.id, session.user.name) == ("api_key_1", "api_key_1", "CI")
    assert (session.organization_id, session.permissions) == ("org_1", {"reports:read"})
    assert session.authentication_method == "APIKey"
    assert (session.api_key.owner, session.api_key.owner_id) == ("organization", "org_1")
    assert session.expires_at == datetime(2030, 1, 1, tzinfo=UTC)
    assert session.authenticated_at is None
    assert value not in repr(session)


def test_a_key_of_a_member_is_that_member(stage: Stage) -> None:
    owner = {"type": "user", "id": "user_7", "organization_id": "org_2"}
    value = stage.office.api_key(owner=owner)
    session = stage.load(stage.visit(f"Bearer {value}"))
    assert (session.user.id, session.organization_id, session.api_key.owner) == ("user_7", "org_2", "user")
    assert session.expires_at.year == 9999


def test_AK_2_a_key_that_is_unknown_or_revoked_is_refused_at_once(stage: Stage) -> None:
    value = stage.office.api_key()
    assert stage.load(stage.visit(f"Bearer {value}")) is not None
    stage.office.keys.clear()
    visit = stage.visit(f"Bearer {value}")
    assert stage.guard(visit).status == 401
    assert visit.reason is SignedOut.BAD_TOKEN


def test_AK_2_a_part_of_a_key_and_one_in_the_address_are_refused_unasked(stage: Stage) -> None:
    value = stage.office.api_key()
    for shown in ("vsk_test", "vsk_", "sk_test_abcdefgh", f"{value}\u00e9", value * 20):
        assert stage.load(stage.visit(f"Bearer {shown}")) is None
    assert stage.load(stage.visit(query=f"api_key={value}&access_token={value}")) is None
    assert stage.office.requests_to("validations") == []


def test_those_who_ask_about_a_key_at_the_same_time_share_the_answer_and_no_later_one_does(
    stage: Stage,
) -> None:
    value = stage.office.api_key()
    first, second = (stage.visit(f"Bearer {value}").load() for _ in range(2))
    shares = [next(first).share, next(second).share]
    answer = stage.office.send(next_request(stage, value))
    for flow in (first, second):
        with pytest.raises(StopIteration):
            flow.send(answer)
    third = next(stage.visit(f"Bearer {value}").load())
    assert shares[0] == shares[1] != third.share
    assert value not in repr(third)
    assert value not in str(third.share)


def next_request(stage: Stage, value: str) -> Any:
    return next(stage.visit(f"Bearer {value}").load())


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(500),
        HttpResponse(401, b"{}"),
        HttpResponse(429),
        HttpResponse(200, b"no json"),
        HttpResponse(200, b"[]"),
        HttpResponse(200, b'{"other": 1}'),
        HttpResponse(200, b'{"api_key": {"name": "no id"}}'),
    ],
    ids=str,
)
def test_no_answer_about_a_key_is_no_refusal(stage: Stage, response: HttpResponse) -> None:
    flow = stage.visit(f"Bearer {stage.office.api_key()}").load()
    next(flow)
    with pytest.raises(Unreachable):
        flow.send(response)


def test_a_key_the_server_does_not_even_read_is_refused(stage: Stage) -> None:
    visit = stage.visit("Bearer vsk_test_abcdefgh1234")
    flow = visit.load()
    next(flow)
    with pytest.raises(StopIteration):
        flow.send(HttpResponse(422, b"{}"))
    assert visit.reason is SignedOut.BAD_TOKEN


def test_keys_only_means_no_tokens() -> None:
    stage = Stage(api_keys=True)
    assert stage.load(stage.visit(f"Bearer {stage.office.token()}")) is None
    assert stage.load(stage.visit(f"Bearer {stage.office.api_key()}")) is not None


def test_tokens_only_means_no_keys() -> None:
    stage = Stage(bearer=True)
    visit = stage.visit(f"Bearer {stage.office.api_key()}")
    assert run(visit.load(), stage.office.send) is None
    assert stage.office.requests_to("validations") == []


def test_keys_of_workos_have_their_own_prefix() -> None:
    stage = Stage(api_keys=True, profile="workos")
    value = stage.office.api_key("sk_test_abcdefgh1234")
    assert stage.load(stage.visit(f"Bearer {value}")) is not None


def test_a_request_without_a_header_does_not_look_for_keys(stage: Stage) -> None:
    assert run(stage.visit().load(), no_network) is None


def test_asking_about_keys_needs_a_key_of_the_apps_own() -> None:
    with pytest.raises(ConfigError, match="VESTIBULE_API_KEYS asks the identity server"):
        create_config(api_keys=True, api_key=None)
    assert isinstance(create_config(bearer=True, api_key=None), Config)
