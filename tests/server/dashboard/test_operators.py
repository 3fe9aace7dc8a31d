import pytest

from tests.clocks import Clock
from tests.server.dashboard.office import Office
from tests.server.people import mails_to
from vestibule.server.identity.operators import add_operator, change_role, list_operators

PATH = "/dashboard/operators"


def roles(office: Office) -> dict[str, str]:
    return {each.email: each.role for each in list_operators(office.identity)}


def test_an_owner_adds_an_operator_who_gets_in_by_signing_in(office: Office) -> None:
    owner = office.operator("owner")
    page = owner.done(PATH, email=" New@example.com ", role="support")
    assert "The operator is added" in page
    (told,) = mails_to(office.identity, "New@example.com")
    for said in ("owner@example.com has made you an operator", "Your role is support", "/dashboard\n"):
        assert said in told.text
    assert "has not signed in yet" in page
    newcomer = office.stranger("new@example.com")
    assert "Overview" in newcomer.read("/dashboard")
    assert newcomer.get(PATH).status_code == 403
    (event,) = [each for each in office.events("operator.created") if each.context]
    assert event.context is not None
    assert event.context["actor"]["name"] == "owner@example.com"


def test_what_cannot_be_added_is_explained_beside_its_input(office: Office) -> None:
    owner = office.operator("owner")
    for email, problem in (("no address", "address"), ("owner@example.com", "an operator's already")):
        answer = owner.post(PATH, email=email, role="admin")
        assert answer.status_code == 422
        assert problem in answer.text.replace("&#39;", "'")
        assert f'value="{email}"' in answer.text
        assert '<option value="admin" selected>' in answer.text
    assert owner.post(PATH, email="new@example.com", role="god").status_code == 422
    assert roles(office) == {"owner@example.com": "owner"}


def test_a_role_counts_from_the_next_request(office: Office) -> None:
    owner, admin = office.operator("owner"), office.operator("admin")
    found = office.record("admin")
    assert "Signing keys" in admin.read("/dashboard/settings")
    assert "The role is changed" in owner.done(f"{PATH}/{found.id}", role="auditor")
    assert admin.get("/dashboard/settings").status_code == 403
    owner.done(f"{PATH}/{found.id}", role="owner")
    assert admin.get(PATH).status_code == 200


def test_who_is_removed_is_out_at_the_next_request(office: Office) -> None:
    owner, admin = office.operator("owner"), office.operator("admin")
    found = office.record("admin")
    admin.read("/dashboard")
    wrong = owner.post(f"{PATH}/{found.id}/remove", confirmation="owner@example.com")
    assert wrong.status_code == 422
    assert "Type the address exactly" in wrong.text
    admin.read("/dashboard")
    page = owner.done(f"{PATH}/{found.id}/remove", confirmation="admin@example.com")
    assert "The operator is removed" in page
    answer = admin.get("/dashboard")
    assert (answer.status_code, "not_an_operator" in answer.text) == (403, True)
    assert [each.data["email"] for each in office.events("operator.deleted")] == ["admin@example.com"]


@pytest.mark.parametrize("deed", ["demote", "remove"])
def test_the_last_owner_stays(office: Office, deed: str) -> None:
    owner = office.operator("owner")
    found = office.record("owner")
    if deed == "demote":
        answer = owner.post(f"{PATH}/{found.id}", role="admin")
    else:
        answer = owner.post(f"{PATH}/{found.id}/remove", confirmation="owner@example.com")
    assert answer.status_code == 422
    assert "last owner" in answer.text
    assert roles(office) == {"owner@example.com": "owner"}


def test_an_address_that_is_not_confirmed_is_nobodys(office: Office, clock: Clock) -> None:
    """Whoever makes an account with an operator's address has not shown that it is theirs."""
    add_operator(office.identity, "boss@example.com", "owner")
    thief = office.stranger("boss@example.com", email_verified=False)
    answer = thief.get("/dashboard")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/continue")


def test_AD_3_the_address_of_somebody_else_who_is_an_operator_gives_nothing(office: Office) -> None:
    """An operator is a user from their first sign-in on, whatever addresses change afterwards."""
    owner = office.operator("owner")
    owner.read("/dashboard")
    with office.identity.store.transaction() as tx:
        tx.users.update(owner.user.id, email="moved@example.com", email_key="moved@example.com")
    usurper = office.stranger("owner@example.com")
    assert usurper.get("/dashboard").status_code == 403
    assert "Overview" in owner.read("/dashboard")


def test_no_name_of_a_role_escapes_the_four(office: Office) -> None:
    found = add_operator(office.identity, "new@example.com", "auditor")
    assert change_role(office.identity, found.id, "support").role == "support"
