"""Discovery documents: what they must say, how long they are kept, and what an outage does."""

import pytest

from tests.oauth.stage import CLIENT_ID, ISSUER, SECRET, Issuer, answer, form_of
from vestibule.errors import ProviderError, ProviderUnreachable, Unreachable
from vestibule.flow import HttpResponse, run
from vestibule.oauth import oidc
from vestibule.oauth.discovery import Endpoints

WHERE = f"{ISSUER}/.well-known/openid-configuration"


def endpoints(issuer: Issuer) -> Endpoints:
    return run(issuer.upstream.endpoints(), issuer.stage.send)


def refused(issuer: Issuer) -> str:
    with pytest.raises(ProviderError) as caught:
        endpoints(issuer)
    return caught.value.code


@pytest.mark.parametrize("issuer", [ISSUER + "/", ISSUER.upper(), "https://evil.example", None, [ISSUER]])
def test_OI_2_a_document_of_another_issuer_is_refused(issuer: object) -> None:
    found = Issuer()
    found.document["issuer"] = issuer
    assert refused(found) == "discovery_issuer"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jwks_uri", "http://id.example.com/keys"),
        ("jwks_uri", "https://evil.example/keys"),
        ("jwks_uri", "http://127.0.0.1/keys"),
        ("jwks_uri", None),
        ("token_endpoint", "http://id.example.com/token"),
        ("token_endpoint", "//id.example.com/token"),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("authorization_endpoint", "https://[broken"),
        ("userinfo_endpoint", "https:///user"),
    ],
)
def test_OI_2_an_endpoint_that_cannot_be_trusted_is_refused(name: str, value: object) -> None:
    issuer = Issuer()
    issuer.document[name] = value
    assert refused(issuer) == "discovery_invalid"


@pytest.mark.parametrize(
    "response",
    [HttpResponse(404), HttpResponse(302), HttpResponse(200, b"<html>"), HttpResponse(200, b'{"a":1,"a":2}')],
)
def test_an_answer_that_is_no_document_is_refused(response: HttpResponse) -> None:
    issuer = Issuer()
    issuer.stage.answers[WHERE] = response
    assert refused(issuer) == "discovery_invalid"


def test_keys_may_be_on_another_host_that_is_named() -> None:
    issuer = Issuer(key_hosts=["keys.example.net"])
    issuer.document["jwks_uri"] = "https://keys.example.net/keys"
    assert endpoints(issuer).keys == "https://keys.example.net/keys"


def test_a_provider_on_this_machine_may_speak_http_about_itself_only() -> None:
    local = "http://localhost:8080/realm"
    issuer = Issuer(oidc(local, id="acme", client_id=CLIENT_ID, client_secret=SECRET))
    issuer.document = {
        "issuer": local,
        "authorization_endpoint": f"{local}/authorize",
        "token_endpoint": f"{local}/token",
        "jwks_uri": f"{local}/keys",
    }
    issuer.stage.answers[f"{local}/.well-known/openid-configuration"] = lambda _: answer(issuer.document)
    assert endpoints(issuer).tokens == f"{local}/token"
    other = Issuer(oidc(local, id="acme", client_id=CLIENT_ID, client_secret=SECRET))
    other.document = {**issuer.document, "token_endpoint": "http://id.example.com/token"}
    other.stage.answers[f"{local}/.well-known/openid-configuration"] = lambda _: answer(other.document)
    assert refused(other) == "discovery_invalid"


@pytest.mark.parametrize(
    ("methods", "basic"),
    [
        (None, True),
        (["client_secret_post"], False),
        (["client_secret_post", "client_secret_basic"], True),
        (["private_key_jwt"], False),
    ],
)
def test_the_document_says_how_the_app_proves_who_it_is(methods: object, basic: bool) -> None:
    issuer = Issuer()
    issuer.document["token_endpoint_auth_methods_supported"] = methods
    issuer.finish()
    (request,) = issuer.stage.requests(f"{ISSUER}/token")
    assert ("Authorization" in request.headers) is basic
    assert ("client_secret" in form_of(request)) is not basic
    assert Issuer(token_auth="post").upstream.client.auth == "post"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 3600),
        ("max-age=60", 60),
        ("public, max-age=1", 30),
        ("max-age=999999999", 86400),
        ("max-age=x", 3600),
    ],
)
def test_a_document_is_kept_as_long_as_it_says_but_not_for_days(header: str, seconds: int) -> None:
    issuer = Issuer()
    issuer.stage.answers[WHERE] = lambda _: answer(issuer.document, cache_control=header)
    for later, fetches in ((0, 1), (seconds - 1, 1), (1, 2)):
        issuer.clock.now += later
        endpoints(issuer)
        assert len(issuer.stage.requests(WHERE)) == fetches


def test_the_last_good_document_outlives_an_outage_and_nobody_hammers() -> None:
    issuer = Issuer()
    for outage in (Unreachable("no answer"), HttpResponse(503), HttpResponse(429)):
        issuer.stage.answers[WHERE] = outage
        with pytest.raises(ProviderUnreachable):
            endpoints(issuer)
    issuer.stage.answers[WHERE] = answer(issuer.document)
    good = endpoints(issuer)
    issuer.stage.answers[WHERE] = HttpResponse(503)
    asked = len(issuer.stage.requests(WHERE))
    issuer.clock.now += 3601
    assert endpoints(issuer) is endpoints(issuer) is good
    assert len(issuer.stage.requests(WHERE)) == asked + 1


def test_a_key_set_that_moves_is_followed() -> None:
    issuer = Issuer()
    issuer.finish()
    issuer.stage.answers[f"{ISSUER}/newer"] = issuer.stage.answers[f"{ISSUER}/keys"]
    issuer.document["jwks_uri"] = f"{ISSUER}/newer"
    issuer.clock.now += 3601
    issuer.claims |= {"iat": issuer.clock.now, "exp": issuer.clock.now + 600}
    issuer.transaction = None
    issuer.finish()
    assert len(issuer.stage.requests(f"{ISSUER}/newer")) == 1
