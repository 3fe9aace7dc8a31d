import json

import pytest

from tests.server.apps import PASSWORD, App
from tests.server.authenticators import enroll
from tests.server.identity.test_passkeys import register
from tests.server.people import events_of, mails_to
from vestibule.server.identity.account_export import export_account
from vestibule.server.identity.closing_account import close_account, list_led_alone
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, Invalid, NotFound
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.owned_keys import create_user_key
from vestibule.server.identity.recovery_codes import create_recovery_codes
from vestibule.server.identity.users import find_user


def test_an_account_ends_with_a_word_by_mail(identity: Identity, app: App) -> None:
    user = app.create_user()
    app.create_member(user, roles=["admin"])
    app.sign_in(user)
    with pytest.raises(Invalid):
        close_account(identity, user, typed="eve@example.com")
    close_account(identity, user, typed=" Ada@Example.com ".strip())
    assert find_user(identity, user.id) is None
    assert [mail.kind for mail in mails_to(identity, user.email)] == ["account_deleted"]
    ended = [event.event for event in events_of(identity, "session.revoked", "user.deleted")]
    assert ended == ["session.revoked", "user.deleted"]


def test_others_are_not_left_without_anybody_to_lead_them(identity: Identity, app: App) -> None:
    user, colleague = app.create_user(), app.create_user("grace@example.com")
    membership = app.create_member(user, "Engines", roles=["admin"])
    create_membership(identity, user_id=colleague.id, organization_id=membership.organization_id)
    assert list_led_alone(identity, user.id) == [(membership.organization_id, "Engines")]
    assert list_led_alone(identity, colleague.id) == []
    with pytest.raises(Denied) as denied:
        close_account(identity, user, typed=user.email)
    assert denied.value.code == "last_owner"
    assert find_user(identity, user.id) is not None


def test_AK_4_an_export_has_everything_but_what_opens_a_door(identity: Identity, app: App) -> None:
    user = app.create_user(password=PASSWORD)
    membership = app.create_member(user, "Engines", roles=["admin"])
    authenticator = enroll(identity, user.id)
    codes = create_recovery_codes(identity, user.id)
    register(identity, user)
    _, key = create_user_key(identity, user.id, organization_id=membership.organization_id, name="Robot")
    signed_in = app.sign_in(user)
    app.sign_in(app.create_user("eve@example.com"))
    found = export_account(identity, user.id)
    text = json.dumps(found)
    assert (found["user"]["email"], found["has_password"]) == (user.email, True)
    assert found["memberships"][0]["organization_name"] == "Engines"
    for part in ("browser_sessions", "sessions", "authentication_factors", "passkeys", "api_keys"):
        assert len(found[part]) == 1
    assert found["recovery_codes_left"] == 10
    assert {"user.created", "session.created", "passkey.created", "api_key.created"} <= {
        event["event"] for event in found["events"]
    }
    for secret in (authenticator.secret, *codes, key, PASSWORD, signed_in.refresh_token, "argon2", "eve@"):
        assert secret not in text
    with pytest.raises(NotFound):
        export_account(identity, "user_unknown")
