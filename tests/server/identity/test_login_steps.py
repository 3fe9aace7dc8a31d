import datetime as dt

import pytest

from vestibule.server.identity.authorize import AuthorizationRequest
from vestibule.server.identity.login_steps import Step, chosen_organization, next_step
from vestibule.server.identity.logins import Login
from vestibule.server.identity.models import BrowserSession

NOW = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)


def ask(**more: object) -> AuthorizationRequest:
    return AuthorizationRequest(client_id="client_1", redirect_uri="https://a.example/cb", **more)


def login(request: AuthorizationRequest | None, user: str | None = None, **progress: object) -> Login:
    return Login("token", request, user, progress, NOW)


def browser(minutes_ago: int = 10) -> BrowserSession:
    then = NOW - dt.timedelta(minutes=minutes_ago)
    return BrowserSession(
        "browser_session_1",
        "user_1",
        "Password",
        then,
        None,
        None,
        then,
        NOW + dt.timedelta(days=1),
        None,
        then,
    )


# fmt: off
NOBODY_YET = [
    # request                                       browser       → step
    (ask(),                                         None,           Step.SIGN_IN),
    (None,                                          None,           Step.SIGN_IN),
    (ask(screen_hint="sign-up"),                    None,           Step.SIGN_UP),
    (ask(screen_hint="sign-in"),                    None,           Step.SIGN_IN),
    (ask(screen_hint="nonsense"),                   None,           Step.SIGN_IN),
    (ask(prompt=("none",)),                         None,           Step.LOGIN_REQUIRED),
    (ask(),                                         browser(),      Step.CONTINUE),
    (None,                                          browser(),      Step.CONTINUE),
    (ask(screen_hint="sign-up"),                    browser(),      Step.CONTINUE),
    (ask(prompt=("none",)),                         browser(),      Step.CONTINUE),
    (ask(prompt=("consent",)),                      browser(),      Step.CONTINUE),
    (ask(prompt=("login",)),                        browser(),      Step.SIGN_IN),
    (ask(prompt=("select_account",)),               browser(),      Step.SIGN_IN),
    (ask(prompt=("login",), screen_hint="sign-up"), browser(),      Step.SIGN_UP),
    (ask(max_age=0),                                browser(0),     Step.SIGN_IN),
    (ask(max_age=600),                              browser(10),    Step.SIGN_IN),
    (ask(max_age=601),                              browser(10),    Step.CONTINUE),
    (ask(max_age=0, prompt=("none",)),              browser(),      Step.LOGIN_REQUIRED),
]
# fmt: on
BOTH = ("org_1", "org_2")
CHOOSE, STRANGER = Step.SELECT_ORGANIZATION, Step.NOT_A_MEMBER
KNOWN = [
    # request progress verified organizations → step
    (ask(), {}, True, (), Step.DONE),
    (ask(), {}, True, ("org_1",), Step.DONE),
    (ask(), {}, True, BOTH, CHOOSE),
    (None, {}, True, BOTH, CHOOSE),
    (ask(), {"organization_id": "org_2"}, True, BOTH, Step.DONE),
    (ask(), {"organization_id": "org_3"}, True, BOTH, CHOOSE),
    (ask(organization_id="org_2"), {}, True, BOTH, Step.DONE),
    (ask(organization_id="org_3"), {}, True, BOTH, STRANGER),
    (ask(organization_id="org_3"), {}, True, (), STRANGER),
    (ask(prompt=("none",)), {}, True, BOTH, Step.LOGIN_REQUIRED),
    (ask(prompt=("none",)), {}, True, ("org_1",), Step.DONE),
    (ask(), {}, False, (), Step.VERIFY_EMAIL),
    (ask(organization_id="org_3"), {}, False, (), Step.VERIFY_EMAIL),
    (ask(prompt=("none",)), {}, False, (), Step.LOGIN_REQUIRED),
    (ask(max_age=0, prompt=("login",)), {}, True, (), Step.DONE),
]


@pytest.mark.parametrize(("request_", "present", "step"), NOBODY_YET)
def test_while_nobody_has_signed_in(
    request_: AuthorizationRequest | None, present: BrowserSession | None, step: Step
) -> None:
    assert next_step(login(request_), now=NOW, present=present) is step


@pytest.mark.parametrize(("request_", "progress", "verified", "organizations", "step"), KNOWN)
def test_once_somebody_has(
    request_: AuthorizationRequest | None,
    progress: dict[str, object],
    verified: bool,
    organizations: tuple[str, ...],
    step: Step,
) -> None:
    known = login(request_, "user_1", **progress)
    assert next_step(known, now=NOW, email_verified=verified, organizations=organizations) is step


def test_a_page_that_was_chosen_wins_over_the_hint() -> None:
    assert next_step(login(ask(screen_hint="sign-up"), page="sign-in"), now=NOW) is Step.SIGN_IN
    assert next_step(login(ask(), page="sign-up"), now=NOW) is Step.SIGN_UP


def test_a_sign_up_goes_on_to_the_code_whoever_has_the_address() -> None:
    assert next_step(login(ask(), sign_up={"email": "ada@example.com"}), now=NOW) is Step.VERIFY_EMAIL


def test_a_finished_login_stays_finished() -> None:
    finished = Login("token", ask(), "user_1", {}, NOW, finished_at=NOW)
    assert next_step(finished, now=NOW, present=browser(), email_verified=True) is Step.FINISHED


@pytest.mark.parametrize(
    ("asked", "progress", "organizations", "chosen"),
    [
        (None, {}, (), None),
        (None, {}, ("org_1",), "org_1"),
        (None, {}, ("org_1", "org_2"), None),
        (None, {"organization_id": "org_2"}, ("org_1", "org_2"), "org_2"),
        (None, {"organization_id": "org_3"}, ("org_1", "org_2"), None),
        ("org_1", {"organization_id": "org_2"}, ("org_1", "org_2"), "org_1"),
    ],
)
def test_the_organization_of_the_session(
    asked: str | None, progress: dict[str, object], organizations: tuple[str, ...], chosen: str | None
) -> None:
    known = login(ask(organization_id=asked), "user_1", **progress)
    assert chosen_organization(known, organizations) == chosen
