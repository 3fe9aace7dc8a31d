"""A day of somebody who is invited, joins, adds a second factor, is promoted, switches, and is thrown out."""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from workos import WorkOSClient

from tests.sdk.conftest import PASSWORD, new_email, numbers
from tests.sdk.node import Node
from tests.sdk.offices import NodeOffice, Office, PythonOffice, Refused, Step
from tests.sdk.totp import totp
from tests.server.login.plain_browser import PlainBrowser
from tests.server.people import mails_to
from tests.servers import Running
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.redirect_uris import ensure_redirect_uri

CALLBACK = "http://localhost:3001/day/callback"
SIGN_IN = "http://localhost:3001/day/sign-in"


@pytest.fixture
def browser(server: Running) -> Iterator[PlainBrowser]:
    ensure_redirect_uri(server.identity, CALLBACK)
    update_environment(server.identity, initiate_login_url=SIGN_IN)
    with closing(PlainBrowser(server.browser())) as browser:
        yield browser


def test_a_day_with_the_python_sdk(server: Running, sdk: WorkOSClient, browser: PlainBrowser) -> None:
    live(server, PythonOffice(sdk), browser)


def test_a_day_with_the_node_sdk(server: Running, node: Node, browser: PlainBrowser) -> None:
    live(server, NodeOffice(node), browser)


def live(server: Running, office: Office, browser: PlainBrowser) -> None:
    number = next(numbers)
    email, role, permission = new_email(), f"org-editor-{number}", f"reports:write-{number}"
    home = office.create_organization("Analytical Engines")
    office.create_role(home, role, permission)

    office.invite(email, home, "member")
    browser.get(link_in(server, email))
    (invitation_token,) = query_of(browser.left_for, SIGN_IN)["invitation_token"]
    url, verifier = office.authorization_url(CALLBACK, invitation_token=invitation_token)
    page = browser.get(url)
    assert page.value("Email address") == email
    browser.send(page, "Create account", Password=PASSWORD, First_name="Ada")
    (code,) = query_of(browser.left_for, CALLBACK)["code"]
    joined = office.exchange(code, verifier)
    claims = claims_of(server, joined.access)
    assert (claims["org_id"], claims["role"], claims["sub"]) == (home, "member", joined.user_id)

    require_second_factors(server, home)
    with pytest.raises(Step) as enrollment:
        office.sign_in(email, PASSWORD)
    assert enrollment.value.code == "mfa_enrollment"
    factor, secret, challenge = office.enroll(joined.user_id)
    first = office.prove(enrollment.value, challenge, totp(secret, steps=-1))
    assert first.organization_id == home
    with pytest.raises(Step) as asked:
        office.sign_in(email, PASSWORD)
    assert asked.value.code == "mfa_challenge"
    signed_in = office.prove(asked.value, office.challenge(factor), totp(secret))
    before = claims_of(server, signed_in.access)
    assert (before["role"], permission in before.get("permissions", [])) == ("member", False)

    office.set_role(office.membership_of(joined.user_id, home), role)
    promoted = office.refresh(signed_in.refresh)
    after = claims_of(server, promoted.access)
    assert (after["role"], after["sid"]) == (role, before["sid"])
    assert permission in after["permissions"]

    elsewhere = office.create_organization("Royal Society")
    with pytest.raises(Refused):
        office.refresh(promoted.refresh, elsewhere)
    office.join(joined.user_id, elsewhere)
    moved = office.refresh(promoted.refresh, elsewhere)
    switched = claims_of(server, moved.access)
    assert (switched["org_id"], switched["role"], switched["sid"]) == (elsewhere, "member", before["sid"])

    office.revoke(before["sid"])
    with pytest.raises(Refused, match="invalid_grant"):
        office.refresh(moved.refresh)
    assert office.refresh(joined.refresh).user_id == joined.user_id  # another session, untouched
    assert office.events(home) == ["invitation.accepted", "organization_membership.updated"]


def link_in(server: Running, recipient: str) -> str:
    found = re.search(r"http://localhost:\d+/\S+", mails_to(server.identity, recipient)[0].text)
    assert found is not None
    return found[0]


def query_of(url: str, place: str) -> dict[str, list[str]]:
    assert url.startswith(place + "?"), url
    return parse_qs(urlsplit(url).query)


def claims_of(server: Running, token: str) -> dict[str, Any]:
    """As an app reads them: with the published key, for itself."""
    keys = jwt.PyJWKClient(f"{server.url}/sso/jwks/{server.client_id}")
    key = keys.get_signing_key_from_jwt(token)
    claims: dict[str, Any] = jwt.decode(token, key, ["RS256"], audience=server.client_id, issuer=server.url)
    return claims


def require_second_factors(server: Running, organization: str) -> None:
    """Only this server has an operation for it."""
    with server.client() as client:
        path = f"/organizations/{organization}/authentication_policy"
        client.put(path, json={"mfa": "required"}).raise_for_status()
