"""What an editor shows to the author of a test: the words of `sign_in`, and the names of faults."""

from datetime import timedelta
from typing import assert_type

from starlette.testclient import TestClient

from vestibule.testing import (
    Account,
    Clock,
    FaultName,
    Lab,
    TestIssuer,
    TestProvider,
    assert_guarded,
    identity_server,
    sign_in,
)
from vestibule.testing.server import IdentityServer


def test_a_session(client: TestClient, auth_lab: Lab) -> None:
    issuer = auth_lab.sign_in(
        client,
        email="ada@example.com",
        organization="org_1",
        role="admin",
        permissions={"invoices:read"},
        feature_flags=["beta"],
        impersonator="support@example.com",
        authenticated_ago=timedelta(minutes=11),
        user={"first_name": "Ada"},
    )
    assert_type(issuer, TestIssuer)
    assert_type(sign_in(client, authenticated_ago=660, organization_id=None), TestIssuer)
    assert_type(issuer.cookies(role="admin"), dict[str, str])
    sign_in(client, permission="invoices:read")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    assert_type(auth_lab.clock, Clock)


def test_a_fault(auth_lab: Lab) -> None:
    name: FaultName = "key_set_down"
    with auth_lab.fault(name):
        pass
    auth_lab.inject("coffee_spilled")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_server(client: TestClient, auth_lab: Lab) -> None:
    assert_type(auth_lab.server(), IdentityServer)
    with identity_server(seed={"users": []}) as server:
        assert_type(server.codes["ada@example.com"], str)
        assert_type([mail.text for mail in server.mails], list[str])
    assert_guarded(client.app, allow=["/healthz"])


def test_a_provider(client: TestClient, auth_lab: Lab) -> None:
    provider = auth_lab.provider("github", app=client)
    assert_type(provider, TestProvider)
    assert_type(provider.person("ada@example.com", email_verified=False), Account)
    assert_type(provider.consent("https://github.com/login/oauth/authorize"), str)
    with provider.fault("slow", seconds=2, at="user"), provider.serving() as url:
        assert_type(url, str)
    provider.inject("coffee_spilled")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
