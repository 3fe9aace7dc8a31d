import json
import logging
from typing import Any

import pytest

from tests.clocks import Clock
from tests.server.apps import App
from vestibule.crypto.jwt import decode_unverified
from vestibule.server.identity.domains import create_domain
from vestibule.server.identity.errors import Invalid, NotFound, OAuthDenied
from vestibule.server.identity.jwt_template import delete_jwt_template, get_jwt_template, put_jwt_template
from vestibule.server.identity.opening import Authentication
from vestibule.server.identity.users import create_user, update_user

TEMPLATE = """{
  "urn:app:name": "{{ user.first_name || 'Someone' }} {{ user.last_name }}",
  "urn:app:mail": {{ user.email }},
  "urn:app:tier": {{ organization.metadata.tier || "free" }},
  "urn:app:nothing": {{ user.metadata.nothing }},
  "urn:app:role": {{ organization_membership.role.slug }},
  "urn:app:fixed": {"a": [1, true, null]}
}"""


def claims_of(signed_in: Authentication) -> dict[str, Any]:
    return dict(decode_unverified(signed_in.access_token))


def test_its_claims_are_in_the_tokens_of_sign_ins_and_refreshes(app: App) -> None:
    put_jwt_template(app.identity, TEMPLATE)
    user = create_user(app.identity, email="ada@example.com", email_verified=True, first_name="Ada")
    member = app.create_member(user)
    signed_in = app.sign_in(user, organization_id=member.organization_id)
    claims = claims_of(signed_in)
    assert claims["urn:app:name"] == "Ada "
    assert (claims["urn:app:mail"], claims["urn:app:tier"]) == ("ada@example.com", "free")
    assert (claims["urn:app:role"], claims["urn:app:fixed"]) == ("member", {"a": [1, True, None]})
    assert "urn:app:nothing" not in claims  # absent, never null
    update_user(app.identity, user.id, changes={"first_name": "Augusta"})
    refreshed = claims_of(app.refresh(signed_in.refresh_token))
    assert refreshed["urn:app:name"] == "Augusta "
    assert refreshed["sid"] == claims["sid"]


def test_the_domains_of_an_organization_are_there(app: App) -> None:
    second = "{{organization.domains.1.domain || 'none'}}"
    put_jwt_template(
        app.identity, f'{{"first": {{{{organization.domains.0.domain}}}}, "second": "{second}"}}'
    )
    user = app.create_user()
    member = app.create_member(user)
    create_domain(app.identity, organization_id=member.organization_id, domain="acme.com", state="verified")
    claims = claims_of(app.sign_in(user, organization_id=member.organization_id))
    assert (claims["first"], claims["second"]) == ("acme.com", "none")


def test_without_an_organization_its_paths_are_null(app: App) -> None:
    put_jwt_template(app.identity, TEMPLATE)
    claims = claims_of(app.sign_in(app.create_user()))
    assert claims["urn:app:tier"] == "free"
    assert not {"urn:app:role", "org_id", "role"} & claims.keys()


def test_it_is_replaced_read_and_removed(app: App, clock: Clock) -> None:
    with pytest.raises(NotFound):
        get_jwt_template(app.identity)
    first = put_jwt_template(app.identity, '{"a": 1}')
    clock.advance(seconds=1)
    second = put_jwt_template(app.identity, '{"a": 2}')
    assert (second.created_at, second.updated_at > first.updated_at) == (first.created_at, True)
    assert get_jwt_template(app.identity) == second
    user = app.create_user()
    assert claims_of(app.sign_in(user))["a"] == 2
    delete_jwt_template(app.identity)
    assert "a" not in claims_of(app.sign_in(user))
    with pytest.raises(NotFound):
        delete_jwt_template(app.identity)


def test_it_may_replace_what_organizations_say(app: App) -> None:
    replaced = {
        "aud": ["api", "other"],
        "sid": "mine",
        "org_id": "o",
        "role": "r",
        "roles": ["r"],
        "permissions": ["p"],
    }
    put_jwt_template(app.identity, json.dumps(replaced))
    claims = claims_of(app.sign_in(app.create_user()))
    assert {name: claims[name] for name in replaced} == replaced


@pytest.mark.parametrize(
    "name", ["iss", "sub", "exp", "iat", "nbf", "jti", "act", "auth_time", "client_id", "scope"]
)
def test_what_tokens_stand_on_is_refused(app: App, name: str) -> None:
    for value in ('"x"', "{{user.id}}", "null", "1"):
        with pytest.raises(Invalid) as refused:
            put_jwt_template(app.identity, f'{{"{name}": {value}}}')
        assert refused.value.errors[0]["code"] == "invalid_jwt_template"
    put_jwt_template(app.identity, f'{{"urn:app": {{"{name}": 1}}}}')  # inside of a claim it means nothing


@pytest.mark.parametrize(
    "content",
    [
        '{"roles": "admin"}',
        '{"permissions": {"a": 1}}',
        '{"permissions": [1]}',
        '{"sid": 7}',
        '{"aud": 7}',
        '{"aud": {"a": "b"}}',
        '{"org_id": ["a"]}',
    ],
)
def test_a_claim_that_clients_rely_on_keeps_its_type(app: App, content: str) -> None:
    with pytest.raises(Invalid):
        put_jwt_template(app.identity, content)


def test_a_value_of_another_type_leaves_the_claim_as_it_was(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    put_jwt_template(
        app.identity, '{"permissions": {{ user.metadata.permissions }}, "sid": {{ user.metadata.sid }}}'
    )
    user = app.create_user()
    update_user(app.identity, user.id, changes={"metadata": {"permissions": "all", "sid": "chosen"}})
    member = app.create_member(user)
    with caplog.at_level(logging.WARNING):
        claims = claims_of(app.sign_in(user, organization_id=member.organization_id))
    assert ("permissions" in claims, claims["sid"]) == (False, "chosen")
    assert "jwt_template_claim_ignored: permissions" in caplog.text


def test_the_place_of_a_mistake_is_told(app: App) -> None:
    with pytest.raises(Invalid) as refused:
        put_jwt_template(app.identity, '{\n  "a": {{ user.secret }}\n}')
    (problem,) = refused.value.errors
    assert problem["message"] == "Line 2, column 11: there is no user.secret."


def test_claims_that_no_token_can_hold_are_an_error_that_says_so(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Invalid, match="3072 bytes"):
        put_jwt_template(app.identity, json.dumps({"a": "x" * 3_073}))
    put_jwt_template(
        app.identity, '{"a": [{{user.metadata.a}}, {{user.metadata.a}}, {{user.metadata.a}}, "x"]}'
    )
    user = app.create_user()
    signed_in = app.sign_in(user)
    update_user(app.identity, user.id, changes={"metadata": {"a": "é" * 600}})
    with pytest.raises(OAuthDenied) as refused, caplog.at_level(logging.WARNING):
        app.refresh(signed_in.refresh_token)
    assert refused.value.code == "token_too_big"
    assert "JWT template" in refused.value.message
    assert "jwt_template_too_big: 36" in caplog.text
    update_user(app.identity, user.id, changes={"metadata": {"a": ""}})
    assert app.refresh(signed_in.refresh_token).user.id == user.id  # the session was kept


def test_what_people_call_themselves_stays_data(app: App) -> None:
    put_jwt_template(app.identity, '{"name": "{{user.first_name}}", "who": {{user.first_name}}}')
    name = '", "permissions": ["all"], "x": "{{user.email}}'
    user = create_user(app.identity, email="ada@example.com", email_verified=True, first_name=name)
    claims = claims_of(app.sign_in(user))
    assert (claims["name"], claims["who"]) == (name, name)
    assert "permissions" not in claims
