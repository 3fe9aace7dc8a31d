"""What an app says of itself: settings, the environment, and what is refused before anybody signs in."""

import pytest

import vestibule.oauth as oauth
from vestibule.errors import ConfigError
from vestibule.oauth import (
    PROVIDERS,
    Client,
    Upstream,
    from_environment,
    github,
    keycloak,
    microsoft,
    okta,
    provider_client,
)
from vestibule.oauth.client import PREFIXES

CREDENTIALS = {"client_id": "id", "client_secret": "secret"}
TENANT = "5f1b9c0e-0000-4000-8000-0123456789ab"


def problems(client: Client) -> str:
    with pytest.raises(ConfigError) as caught:
        Upstream(client)
    assert caught.value.code == "provider_settings"
    return str(caught.value)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_credentials_come_from_the_environment_under_each_of_their_names(prefix: str) -> None:
    environ = {f"{prefix}GITHUB_CLIENT_ID": " id ", f"{prefix}GITHUB_CLIENT_SECRET": "secret"}
    client = from_environment("github", environ)
    assert (client.client_id, client.client_secret) == ("id", "secret")
    assert "secret" not in repr(client)


def test_our_own_name_wins_and_what_is_given_wins_over_all() -> None:
    environ = {
        "VESTIBULE_GITHUB_CLIENT_ID": "ours",
        "AURA_AUTH_GITHUB_CLIENT_ID": "aura",
        "GITHUB_CLIENT_ID": "bare",
    }
    assert from_environment("github", environ).client_id == "ours"
    assert from_environment("github", {**environ, "VESTIBULE_GITHUB_CLIENT_ID": " "}).client_id == "aura"
    assert from_environment(github(client_id="given"), environ).client_id == "given"


def test_settings_and_second_names_come_from_there_too() -> None:
    environ = {
        "AUTHENTIK_BASE_URL": "https://id.example.com",
        "AURA_AUTH_AUTHENTIK_application_slug": "app",
        "ACME_CLIENT_ID": "acme",
        "GITHUB_CLIENT_ID": "github",
        "APPLE_TEAM_ID": "T",
        "APPLE_KEY_ID": "K",
        "APPLE_PRIVATE_KEY": "-----BEGIN\\nX",
    }
    slots = from_environment("authentik", environ).slots
    assert slots == {"base_url": "https://id.example.com", "application_slug": "app"}
    assert from_environment(github(id="acme"), environ).client_id == "acme"
    assert from_environment(github(id="another"), environ).client_id == "github"
    key = from_environment("apple", environ).key
    assert key
    assert (key.pem, key.kid, key.team_id) == ("-----BEGIN\nX", "K", "T")
    assert from_environment("apple", {}).key is None


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("clickUp", "clickup"),
        ("twitter", "x"),
        ("Entra", "microsoft"),
        ("GitHub", "github"),
        ("hugging-face", "huggingface"),
    ],
)
def test_a_provider_is_found_by_other_programs_names(name: str, id: str) -> None:
    assert provider_client(name).id == id


@pytest.mark.parametrize("name", ["", "myspace"])
def test_an_unknown_provider_is_answered_with_the_list(name: str) -> None:
    with pytest.raises(ConfigError, match=r"apple, .*github, .*oidc") as caught:
        from_environment(name, {})
    assert caught.value.code == "provider_unknown"


def test_everything_that_is_missing_is_said_at_once() -> None:
    assert problems(github()).splitlines() == [
        "GitHub: client_id is missing. Give it, or set VESTIBULE_GITHUB_CLIENT_ID.",
        "GitHub: client_secret is missing. Give it, or set VESTIBULE_GITHUB_CLIENT_SECRET.",
    ]
    assert "domain is missing" in problems(okta(client_id="id"))
    assert "no setting 'realm'" in problems(provider_client("github", realm="x", **CREDENTIALS))


@pytest.mark.parametrize(
    "client",
    [
        github(host="evil.example/path?", **CREDENTIALS),
        okta(domain="acme.okta.com@evil.example", **CREDENTIALS),
        keycloak(base_url="https://id.example.com/?x=", realm="a", **CREDENTIALS),
        keycloak(base_url="https://id.example.com", realm="a/b", **CREDENTIALS),
        microsoft(tenant="acme.onmicrosoft.com", **CREDENTIALS),
        provider_client("shopify", shop="evil.example", **CREDENTIALS),
    ],
    ids=lambda client: client.id,
)
def test_a_part_of_an_address_cannot_lead_elsewhere(client: Client) -> None:
    assert " is like " in problems(client)


@pytest.mark.parametrize(
    "client",
    [
        oauth.oidc("http://id.example.com", id="acme", **CREDENTIALS),
        oauth.oidc("https://[broken", id="acme", **CREDENTIALS),
        oauth.oidc("https:///x", id="acme", **CREDENTIALS),
        keycloak(base_url="http://keycloak:8080", realm="a", **CREDENTIALS),
    ],
)
def test_a_secret_is_never_sent_in_the_clear(client: Client) -> None:
    assert "is not an https address" in problems(client)
    assert Upstream(keycloak(base_url="http://127.0.0.1:8080", realm="a", **CREDENTIALS))


def test_the_id_of_a_client_fits_into_an_address() -> None:
    for id in ("", "a/b", "-a", "ä"):
        with pytest.raises(ConfigError, match="cannot be the id"):
            Client(id=id, template=PROVIDERS["github"])


@pytest.mark.parametrize(
    ("client", "namespace"),
    [
        (github(**CREDENTIALS), "github"),
        (github(id="second", **CREDENTIALS), "github"),
        (github(host="https://GHE.example.com/", **CREDENTIALS), "github:ghe.example.com"),
        (oauth.gitlab(**CREDENTIALS), "gitlab"),
        (oauth.google(**CREDENTIALS), "google"),
        (oauth.gitlab(host="gitlab.example.com", **CREDENTIALS), "https://gitlab.example.com"),
        (oauth.facebook(version="v25.0", **CREDENTIALS), "facebook"),
        (microsoft(tenant=TENANT, **CREDENTIALS), "microsoft"),
        (
            keycloak(base_url="https://id.example.com", realm="b", **CREDENTIALS),
            "https://id.example.com/realms/b",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_a_subject_of_another_server_is_another_person(client: Client, namespace: str) -> None:
    assert client.provider.namespace == namespace


@pytest.mark.parametrize(
    ("tenant", "issuer"),
    [
        ("common", "{tenantid}"),
        ("organizations", "{tenantid}"),
        ("consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"),
        (TENANT.upper(), TENANT),
    ],
)
def test_microsofts_issuer_is_that_of_the_tenant(tenant: str, issuer: str) -> None:
    provider = microsoft(tenant=tenant, **CREDENTIALS).provider
    assert provider.issuer == f"https://login.microsoftonline.com/{issuer}/v2.0"
    assert tenant.lower() in provider.discovery_url


def test_an_enterprise_server_is_asked_at_its_own_api() -> None:
    user = github(host="ghe.example.com", **CREDENTIALS).provider.user
    assert user
    assert user.url == "https://ghe.example.com/api/v3/user"
    assert user.emails
    assert user.emails.url == "https://ghe.example.com/api/v3/user/emails"


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda provider: provider.id)
def test_every_row_of_the_table_makes_a_client(provider: oauth.Provider) -> None:
    examples = {name: slot.example for name, slot in provider.slots.items()}
    key = oauth.SigningKey(pem="x", kid="k", team_id="t") if provider.id == "apple" else None
    upstream = Upstream(provider_client(provider.id, key=key, **CREDENTIALS, **examples))
    filled = upstream.provider
    addresses = [filled.issuer, filled.authorize_url, filled.tokens.url, filled.revoke_url, filled.keys_url]
    assert all(each.startswith("https://") or not each for each in addresses)
    assert filled.discovers or filled.authorize_url.startswith("https://")
    assert provider.docs.startswith("https://")
    assert bool(provider.verified_on) is provider.verified
    assert provider.source
    if provider.verified:
        function = getattr(oauth, provider.id)
        assert function.__name__ == provider.id
        assert function.__doc__
