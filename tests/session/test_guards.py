import pytest

from tests.session.browser import NOON, open_browser
from vestibule.session.guards import Requirement, requirement, step_up
from vestibule.session.model import Session


def session(**rights: object) -> Session:
    browser = open_browser()
    browser.jar.update(browser.issuer.cookies(**rights))  # type: ignore[arg-type]
    found = browser.session()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [
        (requirement(), None),
        (requirement(permission="a"), None),
        (requirement(permission=("a", "c")), {"permission": ["c"]}),
        (requirement(permission=["c", "d"]), {"permission": ["c", "d"]}),
        (requirement(role="member"), None),
        (requirement(role="admin"), {"role": ["admin"]}),
        (requirement(entitlement="audit"), None),
        (requirement(entitlement="sso"), {"entitlement": ["sso"]}),
        (requirement(flag="beta"), None),
        (requirement(flag={"gamma"}), {"flag": ["gamma"]}),
        (requirement(organization=True), None),
        (requirement(organization=False), None),
        (requirement(organization="org_1"), None),
        (requirement(organization=["org_2", "org_1"]), None),
        (requirement(organization="org_2"), {"organization": ["org_2"]}),
        (requirement(recent=600), None),
        (requirement(recent=599), {"recent": 599}),
        (requirement(permission="c", role="admin"), {"permission": ["c"], "role": ["admin"]}),
        (requirement(permission="c") & requirement(permission=("c", "d")), {"permission": ["c", "d"]}),
        (requirement(recent=300) & requirement(recent=60), {"recent": 60}),
        (requirement(permission="a") | requirement(role="admin"), None),
        (
            requirement(permission="c") | requirement(role="admin"),
            {"any_of": [{"permission": ["c"]}, {"role": ["admin"]}]},
        ),
        (requirement(requirement(permission="c"), role="admin"), {"permission": ["c"], "role": ["admin"]}),
        (
            requirement(organization="org_2") & requirement(organization="org_3"),
            {"organization": ["org_2", "org_3"]},
        ),
    ],
)
def test_what_a_session_lacks(wanted: Requirement, missing: dict[str, object] | None) -> None:
    held = session(
        permissions=["a", "b"],
        roles=["member"],
        entitlements=["audit"],
        feature_flags=["beta"],
        organization_id="org_1",
        authenticated_at=NOON - 600,
    )
    assert wanted.missing(held, NOON) == missing


def test_two_choices_that_must_both_be_met_stay_two() -> None:
    either = requirement(permission="c") | requirement(permission="d")
    other = requirement(role="x") | requirement(role="y")
    missing = (either & other).missing(session(), NOON)
    assert missing == {
        "any_of": [{"permission": ["c"]}, {"permission": ["d"]}],
        "all_of": [{"any_of": [{"role": ["x"]}, {"role": ["y"]}]}],
    }


def test_no_organization_at_all() -> None:
    assert requirement(organization=True).missing(session(), NOON) == {"organization": True}


def test_AK_3_whoever_impersonates_somebody_is_never_recent() -> None:
    held = session(authenticated_at=NOON, impersonator="ops@example.com")
    assert requirement(recent=600).missing(held, NOON) == {"recent": 600}
    assert requirement(recent=600).missing(session(authenticated_at=NOON), NOON) is None


def test_without_auth_time_nothing_is_recent() -> None:
    assert requirement(recent=600).missing(session(claims={"auth_time": None}), NOON) == {"recent": 600}


def test_a_clock_that_is_behind_makes_no_sign_in_stale() -> None:
    assert requirement(recent=60).missing(session(authenticated_at=NOON + 5), NOON) is None


def test_recent_0_cannot_send_anybody_round_in_circles() -> None:
    fresh = requirement(recent=0)
    assert fresh.missing(session(authenticated_at=NOON - 30), NOON) is None
    assert fresh.missing(session(authenticated_at=NOON - 31), NOON) == {"recent": 0}


@pytest.mark.parametrize(
    ("missing", "max_age"),
    [
        ({"recent": 600}, 600),
        ({"recent": 0}, 0),
        ({"recent": 600, "role": ["admin"]}, None),
        ({"role": ["admin"]}, None),
        ({"any_of": [{"role": ["admin"]}, {"recent": 60}]}, 60),
        ({"any_of": [{"role": ["admin"]}, {"permission": ["a"]}]}, None),
        ({"recent": "soon"}, None),
    ],
)
def test_when_a_fresh_sign_in_alone_would_do(missing: dict[str, object], max_age: int | None) -> None:
    assert step_up(missing) == max_age


def test_allows_is_all_of() -> None:
    held = session(permissions=["a", "b"])
    assert held.allows("a", "b")
    assert held.allows()
    assert not held.allows("a", "c")
