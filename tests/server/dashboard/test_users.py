"""The list of users, and the ways to add somebody."""

import csv
import io

import pytest

from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import Office
from tests.server.people import mails_to
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.suspending import suspend_user
from vestibule.server.identity.users import create_user, find_user_by_email

USERS = "/dashboard/users"


def test_somebody_is_found_by_a_name_and_a_link_keeps_what_was_asked(
    office: Office, operator: Operators
) -> None:
    ada = create_user(office.identity, email="ada@acme.com", first_name="Ada", last_name="Lovelace")
    grace = create_user(office.identity, email="grace@acme.com", first_name="Grace")
    suspend_user(office.identity, grace.id)
    auditor = operator("auditor")
    assert "ada@acme.com" in auditor.read(USERS, q="love")
    assert "grace@acme.com" not in auditor.read(USERS, q="love")
    filtered = auditor.read(USERS, q="@acme", suspended="1")
    assert "grace@acme.com" in filtered
    assert "ada@acme.com" not in filtered
    assert 'href="/dashboard/users/export?q=%40acme&suspended=1"' in filtered
    assert ada.id in auditor.read(USERS, q=ada.id)
    assert "Nobody is found" in auditor.read(USERS, q="zzz")


def test_a_long_list_goes_on(office: Office, operator: Operators) -> None:
    for number in range(30):
        create_user(office.identity, email=f"p{number}@acme.com")
    first = operator("auditor").read(USERS, q="@acme")
    more = first.partition('">Show more')[0].rpartition('href="')[2]
    second = operator("auditor").read(more)
    shown = [f"p{number}@acme.com" for number in range(30)]
    assert {each for each in shown if each in first} & {each for each in shown if each in second} == set()
    assert all(each in first + second for each in shown)


def test_AD_1_the_export_has_everybody_and_no_formula(office: Office, operator: Operators) -> None:
    create_user(office.identity, email="ada@acme.com", first_name='=HYPERLINK("http://evil")', last_name="+1")
    answer = operator("auditor").get(f"{USERS}/export", q="@acme")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    header, row = csv.reader(io.StringIO(answer.text))
    found = dict(zip(header, row, strict=True))
    assert found["email"] == "ada@acme.com"
    assert found["first_name"] == '\'=HYPERLINK("http://evil")'
    assert found["last_name"] == "'+1"


def test_somebody_is_added_by_hand_and_gets_a_mail(office: Office, operator: Operators) -> None:
    page = operator("admin").done(f"{USERS}/new", email="new@acme.com", first_name="New", send="on")
    assert "a mail to choose a password is on its way" in page
    assert mails_to(office.identity, "new@acme.com")
    event = office.events("user.created")[0]
    assert event.context is not None
    assert event.context["actor"]["name"] == "admin@example.com"


def test_what_was_typed_is_kept_when_it_is_refused(office: Office, operator: Operators) -> None:
    create_user(office.identity, email="ada@acme.com")
    answer = operator("admin").post(f"{USERS}/new", email="ADA@acme.com", first_name="Augusta")
    assert answer.status_code == 422
    assert 'value="Augusta"' in answer.text
    assert "not available" in answer.text


@pytest.mark.parametrize("role", ["", "admin"])
def test_somebody_is_invited(office: Office, operator: Operators, role: str) -> None:
    organization = create_organization(office.identity, name="Engines")
    page = operator("admin").done(
        f"{USERS}/invite", email="grace@acme.com", organization_id=organization.id, role_slug=role
    )
    assert "on its way" in page
    assert mails_to(office.identity, "grace@acme.com")
    assert find_user_by_email(office.identity, "nobody@acme.com") is None


@pytest.mark.parametrize("wrong", [{"organization_id": "org_none"}, {"role_slug": "admin"}, {"email": "no"}])
def test_a_wrong_invitation_is_explained(operator: Operators, wrong: dict[str, str]) -> None:
    answer = operator("admin").post(f"{USERS}/invite", **({"email": "grace@acme.com"} | wrong))
    assert answer.status_code == 422
