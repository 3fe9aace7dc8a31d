import datetime as dt
from dataclasses import replace

import pytest

from vestibule.server.identity.assurance import ONE_FACTOR, TWO_FACTORS
from vestibule.server.identity.authorize import AuthorizationRequest
from vestibule.server.identity.login_steps import Step, chosen_organization, next_step
from vestibule.server.identity.logins import Login
from vestibule.server.identity.models import BrowserSession
from vestibule.server.identity.policies import Policy

ADA = "ada@example.com"
OFFER = Policy(passkey_enrollment="offer")
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
    (ask(prompt=("login",)),                        browser(),      Step.STEP_UP),
    (ask(prompt=("login",)),                        None,           Step.SIGN_IN),
    (ask(prompt=("select_account",)),               browser(),      Step.SIGN_IN),
    (ask(prompt=("login", "select_account")),       browser(),      Step.SIGN_IN),
    (ask(prompt=("login",), screen_hint="sign-up"), browser(),      Step.SIGN_UP),
    (ask(max_age=0),                                browser(0),     Step.STEP_UP),
    (ask(max_age=600),                              browser(10),    Step.STEP_UP),
    (ask(max_age=600),                              None,           Step.SIGN_IN),
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


# fmt: off
ASKING = [
    # request                 verified  organizations  → step while consent is owed
    (ask(),                   True,     (),            Step.CONSENT),
    (ask(prompt=("none",)),   True,     (),            Step.CONSENT_REQUIRED),
    (ask(),                   False,    (),            Step.VERIFY_EMAIL),
    (ask(),                   True,     BOTH,          CHOOSE),
    (ask(prompt=("none",)),   True,     BOTH,          Step.LOGIN_REQUIRED),
]
# fmt: on


@pytest.mark.parametrize(("request_", "verified", "organizations", "step"), ASKING)
def test_consent_is_asked_for_last(
    request_: AuthorizationRequest, verified: bool, organizations: tuple[str, ...], step: Step
) -> None:
    somebody = login(request_, "user_1", authentication_method="Password")
    facts = {"email_verified": verified, "organizations": organizations, "now": NOW}
    assert next_step(somebody, **facts, consent_owed=True) is step


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


SECOND, ENROLL, ELSEWHERE = Step.SECOND_FACTOR, Step.ENROLL_SECOND_FACTOR, Step.METHOD_NOT_ALLOWED
NO_PASSWORDS = Policy(methods=frozenset({"passkey", "magic_auth"}))
SHOWN = {"shown": "totp", "user_id": "user_1"}
SOMEBODY_ELSES = {"shown": "totp", "user_id": "user_2"}
# fmt: off
PROOFS = [
    # policy                  method       shown here      shown by the browser  enrolled → step
    (Policy(mfa="off"),       "Password",  None,           None,      True,  Step.DONE),
    (Policy(),                "Password",  None,           None,      False, Step.DONE),
    (Policy(),                "Password",  None,           None,      True,  SECOND),
    (Policy(),                "MagicAuth", None,           None,      True,  SECOND),
    (Policy(),                "Password",  SHOWN,          None,      True,  Step.DONE),
    (Policy(),                "Password",  SOMEBODY_ELSES, None,      True,  SECOND),
    (Policy(),                "Password",  None,           "totp",    True,  SECOND),
    (Policy(),                None,        None,           "totp",    True,  Step.DONE),
    (Policy(),                None,        None,           None,      True,  SECOND),
    (Policy(),                None,        SHOWN,          None,      True,  Step.DONE),
    (Policy(mfa="required"),  "Password",  None,           None,      False, ENROLL),
    (Policy(mfa="required"),  None,        None,           None,      False, Step.STEP_UP),
    (Policy(mfa="required"),  "Password",  SHOWN,          None,      True,  Step.DONE),
    (Policy(mfa="required"),  None,        None,           "passkey", False, Step.DONE),
    (NO_PASSWORDS,            "Password",  SHOWN,          None,      True,  ELSEWHERE),
    (NO_PASSWORDS,            None,        None,           "totp",    True,  ELSEWHERE),
    (NO_PASSWORDS,            "MagicAuth", None,           None,      False, Step.DONE),
]
# fmt: on


@pytest.mark.parametrize(("policy", "method", "here", "before", "enrolled", "step"), PROOFS)
def test_what_the_policy_asks_for(
    policy: Policy,
    method: str | None,
    here: dict[str, str] | None,
    before: str | None,
    enrolled: bool,
    step: Step,
) -> None:
    progress = {"authentication_method": method, "second_factor": here}
    present = replace(browser(), second_factor=before)
    for request in (ask(), None, ask(prompt=("none",))):
        known = login(request, "user_1", **{name: value for name, value in progress.items() if value})
        found = next_step(
            known, now=NOW, present=present, email_verified=True, policy=policy, enrolled=enrolled
        )
        silent = request is not None and request.prompt
        assert found is (Step.LOGIN_REQUIRED if silent and step is not Step.DONE else step)


TWO, EITHER = (TWO_FACTORS,), (TWO_FACTORS, ONE_FACTOR)
# fmt: off
ASSURANCES = [
    # acr_values           mfa         method      minutes  shown   enrolled → step
    (TWO,                  "off",      "Password", 0,       None,   True,  SECOND),
    (TWO,                  "off",      "Password", 0,       None,   False, ENROLL),
    (TWO,                  "off",      None,       9,       None,   False, ENROLL),
    (TWO,                  "off",      None,       10,      None,   False, Step.STEP_UP),
    (TWO,                  "off",      None,       10,      "totp", True,  Step.DONE),
    (EITHER,               "off",      "Password", 0,       None,   True,  SECOND),
    (EITHER,               "off",      "Password", 0,       None,   False, Step.DONE),
    ((ONE_FACTOR,),        "off",      "Password", 0,       None,   True,  Step.DONE),
    ((ONE_FACTOR, *TWO),   "off",      "Password", 0,       None,   True,  Step.DONE),
    ((ONE_FACTOR,),        "required", "Password", 0,       None,   True,  SECOND),
]
# fmt: on


@pytest.mark.parametrize(("wanted", "mfa", "method", "minutes", "shown", "enrolled", "step"), ASSURANCES)
def test_an_app_may_ask_for_more_than_the_policy_and_never_for_less(
    wanted: tuple[str, ...],
    mfa: str,
    method: str | None,
    minutes: int,
    shown: str | None,
    enrolled: bool,
    step: Step,
) -> None:
    proven = {} if method is None else {"authentication_method": method}
    present = replace(browser(minutes), second_factor=shown)
    for prompt in ((), ("none",)):
        known = login(ask(acr_values=wanted, prompt=prompt), "user_1", **proven)
        found = next_step(
            known, now=NOW, present=present, email_verified=True, policy=Policy(mfa=mfa), enrolled=enrolled
        )
        assert found is (Step.LOGIN_REQUIRED if prompt and step is not Step.DONE else step)


def test_the_policy_comes_after_the_organization() -> None:
    known = login(ask(), "user_1", authentication_method="Password")
    facts = {"now": NOW, "email_verified": True, "policy": Policy(mfa="required")}
    assert next_step(known, organizations=BOTH, **facts) is CHOOSE
    chosen = login(ask(), "user_1", authentication_method="Password", organization_id="org_1")
    assert next_step(chosen, organizations=BOTH, **facts) is ENROLL


@pytest.mark.parametrize(
    ("policy", "progress", "has_passkey", "step"),
    [
        (Policy(), {"authentication_method": "Password"}, False, Step.DONE),
        (OFFER, {"authentication_method": "Password"}, False, Step.OFFER_PASSKEY),
        (OFFER, {"authentication_method": "Password"}, True, Step.DONE),
        (OFFER, {"authentication_method": "Password", "passkey_offer": "later"}, False, Step.DONE),
        (OFFER, {"authentication_method": "Passkey"}, False, Step.DONE),
        (OFFER, {}, False, Step.DONE),
        (
            replace(OFFER, methods=frozenset({"password"})),
            {"authentication_method": "Password"},
            False,
            Step.DONE,
        ),
    ],
)
def test_a_passkey_is_offered_to_who_has_just_signed_in_without(
    policy: Policy, progress: dict[str, object], has_passkey: bool, step: Step
) -> None:
    known = login(ask(), "user_1", **progress)
    found = next_step(
        known, now=NOW, present=browser(), email_verified=True, policy=policy, has_passkey=has_passkey
    )
    assert found is step


BY_MAIL = Policy(methods=frozenset({"magic_auth"}))
BY_KEY = Policy(methods=frozenset({"passkey"}))
TYPED = {"identified": ADA}
# fmt: off
ADDRESSES = [
    # request                        progress                  browser    policy        → step
    (ask(),                          TYPED,                    None,      Policy(),     Step.PASSWORD),
    (None,                           TYPED,                    None,      Policy(),     Step.PASSWORD),
    (ask(screen_hint="sign-up"),     TYPED,                    None,      Policy(),     Step.PASSWORD),
    (ask(prompt=("login",)),         TYPED,                    browser(), Policy(),     Step.PASSWORD),
    (ask(),                          TYPED | {"magic": ADA},   None,      Policy(),     Step.MAGIC_CODE),
    (ask(),                          TYPED | {"magic": ADA},   None,      BY_KEY,       Step.PASSWORD),
    (ask(),                          TYPED,                    None,      BY_MAIL,      Step.MAGIC_CODE),
    (ask(),                          TYPED,                    None,      NO_PASSWORDS, Step.MAGIC_CODE),
    (ask(),                          TYPED,                    None,      BY_KEY,       Step.PASSWORD),
    (ask(),                          TYPED,                    browser(), Policy(),     Step.CONTINUE),
    (ask(prompt=("none",)),          TYPED,                    None,      Policy(),     Step.LOGIN_REQUIRED),
]
# fmt: on


@pytest.mark.parametrize(("request_", "progress", "present", "policy", "step"), ADDRESSES)
def test_once_an_address_is_typed(
    request_: AuthorizationRequest | None,
    progress: dict[str, str],
    present: BrowserSession | None,
    policy: Policy,
    step: Step,
) -> None:
    assert next_step(login(request_, **progress), now=NOW, present=present, policy=policy) is step


def test_a_page_of_our_own_may_ask_again() -> None:
    assert next_step(login(None, fresh=True), now=NOW, present=browser(0)) is Step.STEP_UP
    assert next_step(login(None, fresh=True), now=NOW) is Step.SIGN_IN


def test_whoever_the_app_means_is_not_asked_to_be_somebody_else() -> None:
    again = login(ask(prompt=("login",)))
    assert next_step(again, now=NOW, present=browser(), another=True) is Step.SIGN_IN


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
