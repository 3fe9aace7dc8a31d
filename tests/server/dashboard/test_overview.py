import re

from tests.clocks import Clock
from tests.server.dashboard.office import Office
from vestibule.server.identity.events import NOBODY, append_authentication
from vestibule.server.identity.users import create_user


def happen(office: Office, kind: str, *, times: int = 1, error: str = "") -> None:
    with office.identity.store.transaction() as tx:
        for _ in range(times):
            append_authentication(
                tx,
                office.identity,
                kind,
                caller=NOBODY,
                user_id="user_1",
                email="a@example.com",
                error=(error, "No.") if error else None,
            )


def test_the_numbers_stand_in_a_chart_and_in_a_table(office: Office, clock: Clock) -> None:
    clock.advance(days=-1)
    happen(office, "password", times=3)
    clock.advance(days=1)
    happen(office, "passkey", times=2)
    happen(office, "password", error="invalid_credentials")
    page = office.operator("auditor").read("/dashboard")
    assert "Sign-ins" in page
    assert re.search(r'<th scope="row">2027-01-14</th><td class="number">3</td>', page)
    assert re.search(r'<th scope="row">2027-01-15</th><td class="number">2</td>', page)
    assert "15 Jan: sign-ins 2, new users 1, failures 1" in page
    assert "Wrong password, or no such account" in page
    assert 'role="img"' in page
    assert 'style="' not in page


def test_the_period_is_in_the_address(office: Office, clock: Clock) -> None:
    auditor = office.operator("auditor")
    clock.advance(days=-20)
    happen(office, "password", times=7)
    clock.advance(days=20)
    assert '<dd class="stat-value">7</dd>' in auditor.read("/dashboard", days="30")
    week = auditor.read("/dashboard", days="7")
    assert '<dd class="stat-value">7</dd>' not in week
    assert "-100 %" not in week  # that was before the week before, too
    assert "last 30 days" in auditor.read("/dashboard", days="31")


def test_newest_users_and_what_operators_did_lead_to_their_pages(office: Office) -> None:
    user = create_user(office.identity, email="grace@example.com", first_name="Grace")
    owner = office.operator("owner")
    owner.done("/dashboard/operators", email="new@example.com", role="support")
    page = owner.read("/dashboard")
    assert f'href="/dashboard/users/{user.id}">grace@example.com</a>' in page
    (event,) = [each for each in office.events("operator.created") if each.context]
    assert f'href="/dashboard/events/{event.id}">operator.created</a>' in page
    assert "owner@example.com · dashboard" in page


def test_an_empty_server_says_what_comes_first(office: Office, clock: Clock) -> None:
    auditor = office.operator("auditor")
    clock.advance(days=100)
    page = office.sit(auditor.user).read("/dashboard")
    assert "Nobody has come yet" in page
    assert 'href="/dashboard/getting-started"' in page
