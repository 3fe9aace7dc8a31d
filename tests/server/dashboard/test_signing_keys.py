from tests.clocks import Clock
from tests.server.dashboard.office import Office
from vestibule.server.identity.keys import list_signing_keys

PATH = "/dashboard/signing-keys"


def test_a_rotation_publishes_a_key_that_signs_later(office: Office, clock: Clock) -> None:
    admin = office.operator("admin")
    (present,) = list_signing_keys(office.identity)
    assert present.kid in admin.read(PATH)
    page = admin.done(PATH, confirmation="rotate")
    assert "It signs in half an hour" in page
    assert page.index(">next<") < page.index(">signs now<")
    clock.advance(minutes=31)
    page = office.sit(admin.user).read(PATH)
    assert page.index(">signs now<") < page.index(">still published<")
    clock.advance(days=1)
    assert ">retired<" in office.sit(admin.user).read(PATH)


def test_a_word_that_is_not_the_one_changes_nothing(office: Office) -> None:
    answer = office.operator("admin").post(PATH, confirmation="yes")
    assert answer.status_code == 422
    assert "Type rotate." in answer.text
    assert office.operator("owner").post(f"{PATH}/withdraw", withdrawal="rotate").status_code == 422
    assert len(list_signing_keys(office.identity)) == 1


def test_only_an_owner_withdraws_what_leaked(office: Office) -> None:
    assert "Withdraw" not in office.operator("admin").read(PATH)
    page = office.operator("owner").done(f"{PATH}/withdraw", withdrawal="withdraw")
    assert "The new key signs." in page
    assert page.index(">signs now<") < page.index(">retired<")
