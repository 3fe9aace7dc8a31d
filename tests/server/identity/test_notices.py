"""Whoever owns an account hears of it when what opens it changes."""

from tests.server.apps import App
from tests.server.authenticators import enroll, show
from tests.server.identity.test_passkeys import register
from tests.server.people import mails_to
from vestibule.server.identity import factors, passkeys
from vestibule.server.identity.context import Identity
from vestibule.server.identity.paging import Page
from vestibule.server.identity.recovery_codes import create_recovery_codes


def told(identity: Identity, email: str) -> list[str]:
    """Newest first, what the mails say has happened."""
    mails = mails_to(identity, email)
    assert {mail.kind for mail in mails} <= {"security_notice"}
    return [mail.text.split(":\n")[1].split("\n\n")[0] for mail in mails]


def test_factors_that_come_and_go_are_told(identity: Identity, app: App) -> None:
    user = app.create_user()
    enroll(identity, user.id, confirmed=False)
    assert told(identity, user.email) == []
    own = enroll(identity, user.id)
    code = create_recovery_codes(identity, user.id)[0]
    show(identity, user.id, code)
    factors.delete_factor(identity, own.factor_id)
    assert sorted(told(identity, user.email)) == sorted(
        [
            "An authenticator app was set up for it.",
            "New recovery codes were made for it. Those before are void.",
            "Somebody signed in with one of its recovery codes. 9 are left.",
            "An authenticator app of it was removed.",
        ]
    )
    assert code not in str([mail.text for mail in mails_to(identity, user.email)])


def test_passkeys_that_come_and_go_are_told(identity: Identity, app: App) -> None:
    user = app.create_user()
    register(identity, user)
    passkey = passkeys.list_passkeys(identity, user.id, Page()).data[0]
    passkeys.delete_passkey(identity, user.id, passkey.id)
    assert sorted(told(identity, user.email)) == [
        "A passkey of it was removed.",
        "A passkey was made for it.",
    ]
