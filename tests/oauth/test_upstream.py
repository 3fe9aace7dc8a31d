"""A whole sign-in with an OpenID provider that misbehaves in one way at a time."""

from dataclasses import replace
from typing import Any

import pytest

from tests.oauth.stage import (
    CLIENT_ID,
    ISSUER,
    NOW,
    SECRET,
    Issuer,
    answer,
    form_of,
    id_token,
    query_of,
)
from vestibule.errors import ConfigError, LoginError, ProviderError, ProviderUnreachable, Unreachable
from vestibule.flow import HttpResponse, run
from vestibule.oauth import (
    ErrorShape,
    ProfileMap,
    TokenEndpoint,
    Transaction,
    Upstream,
    UserEndpoint,
    apple,
    google,
    oauth2,
)
from vestibule.oauth.client import SigningKey

TOKENS = f"{ISSUER}/token"


def refused(issuer: Issuer, **params: str) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        issuer.finish(**params)
    return caught.value


def test_every_sign_in_has_its_own_state_nonce_and_verifier() -> None:
    issuer = Issuer()
    first, second = (
        issuer.begin(),
        issuer.begin(return_to="/x", note="link", params={"login_hint": "ada@example.com"}),
    )
    one, other = first.transaction, second.transaction
    assert {one.state, one.nonce, one.code_verifier}.isdisjoint(
        {other.state, other.nonce, other.code_verifier}
    )
    assert len(one.state) == len(one.nonce or "") == 43
    assert (other.return_to, other.note, other.started_at) == ("/x", "link", NOW)
    query = query_of(second.url)
    assert query["login_hint"] == "ada@example.com"
    assert query["nonce"] == other.nonce
    assert one.state not in repr(first)


def test_no_app_can_take_a_sign_in_its_protection() -> None:
    issuer = Issuer()
    query = query_of(issuer.begin(params={"state": "x", "nonce": "y", "code_challenge_method": "plain"}).url)
    assert query["state"] == (issuer.transaction.state if issuer.transaction else "")
    assert query["code_challenge_method"] == "S256"
    with pytest.raises(ConfigError, match="nonce, state") as caught:
        Issuer(params={"state": "x", "nonce": "y"})
    assert caught.value.code == "provider_settings"


@pytest.mark.parametrize(
    ("changed", "code", "side"),
    [
        ({"iss": "https://evil.example"}, "id_token_issuer", "app"),
        ({"aud": "another"}, "id_token_audience", "app"),
        ({"nonce": "another"}, "id_token_nonce", "provider"),
        ({"exp": NOW - 61}, "id_token_expired", "app"),
        ({"iat": NOW + 400}, "id_token_not_yet_valid", "app"),
        ({"at_hash": "another"}, "id_token_at_hash", "provider"),
        ({"sub": None}, "id_token_claims", "provider"),
    ],
)
def test_OI_1_an_id_token_that_is_not_for_us_ends_the_sign_in(
    changed: dict[str, Any], code: str, side: str
) -> None:
    issuer = Issuer()
    issuer.claims |= changed
    error = refused(issuer)
    assert (error.code, error.side) == (code, side)
    assert "app-1" not in error.message
    assert issuer.stage.requests(f"{ISSUER}/user") == []


def test_OI_1_an_id_token_that_is_missing_or_oddly_signed_ends_the_sign_in() -> None:
    issuer = Issuer()
    issuer.stage.answers[TOKENS] = answer({"access_token": "at-1"})
    assert refused(issuer).code == "id_token_missing"
    issuer = Issuer()
    issuer.sign = lambda claims: "no.token.x"
    assert refused(issuer).code == "id_token_malformed"
    issuer.transaction = None
    issuer.sign = lambda claims: id_token(claims)[:-6] + "AAAAAA"
    assert refused(issuer).code == "id_token_signature"
    assert refused(Issuer(id_token_algorithms=("ES256",))).code == "id_token_algorithm"


def test_who_has_to_have_signed_in_lately_is_asked_and_checked() -> None:
    issuer = Issuer()
    assert query_of(issuer.begin(max_age=0).url)["max_age"] == "0"
    issuer.claims["auth_time"] = NOW - 100
    assert refused(issuer).code == "id_token_auth_time"


def test_OI_4_userinfo_about_somebody_else_is_refused() -> None:
    for user in (
        {"sub": "eve", "email": "ada@example.com", "email_verified": True},
        {"email": "ada@example.com"},
    ):
        issuer = Issuer()
        issuer.user = user
        error = refused(issuer)
        assert (error.code, error.side) == ("subject_mismatch", "provider")


def test_an_address_and_its_proof_come_from_one_answer() -> None:
    issuer = Issuer()
    issuer.claims |= {"email": "real@example.com", "email_verified": True}
    issuer.user = {"sub": "ada", "email": "typed@example.com"}
    profile = issuer.finish().profile
    assert (profile.email, profile.email_verified) == ("typed@example.com", False)
    issuer.transaction, issuer.user = None, {"sub": "ada"}
    profile = issuer.finish().profile
    assert (profile.email, profile.email_verified) == ("real@example.com", True)


def test_PS_1_a_state_that_is_not_this_transactions_never_reaches_the_token_endpoint() -> None:
    issuer = Issuer()
    state = issuer.begin().transaction.state
    for wrong in ("", state[:-1] + ("A" if state[-1] != "A" else "B"), "ä"):
        with pytest.raises(LoginError) as caught:
            issuer.finish(state=wrong)
        assert caught.value.code == "state_mismatch"
    issuer.clock.now += 601
    with pytest.raises(LoginError) as caught:
        issuer.finish()
    assert caught.value.code == "state_expired"
    assert issuer.stage.requests(TOKENS) == []


def test_a_mix_up_of_providers_is_refused_by_the_callback_and_by_the_issuer() -> None:
    issuer, other = Issuer(), Issuer(id="other")
    other.transaction = issuer.begin().transaction
    assert refused(other).code == "provider_mismatch"
    assert refused(issuer, iss="https://evil.example").code == "issuer_mismatch"
    assert refused(issuer, iss="https://evil.example", error="access_denied").code == "issuer_mismatch"
    assert issuer.finish(iss=ISSUER).profile.subject == "ada"
    promising = Issuer()
    promising.document["authorization_response_iss_parameter_supported"] = True
    assert refused(promising).code == "issuer_missing"
    assert promising.finish(iss=ISSUER)
    assert issuer.stage.requests(TOKENS) != []
    assert other.stage.requests(TOKENS) == []


@pytest.mark.parametrize(
    ("error", "code", "side"),
    [
        ("access_denied", "access_denied", "person"),
        ("login_required", "provider_interaction", "person"),
        ("temporarily_unavailable", "provider_unavailable", "provider"),
        ("invalid_scope", "provider_scope", "app"),
        ("unauthorized_client", "provider_client", "app"),
        ("redirect_uri_mismatch", "provider_redirect_uri", "app"),
        ("invalid_grant", "provider_error", "provider"),
        ("something_else", "provider_error", "provider"),
    ],
)
def test_PS_4_an_error_in_the_callback_is_told_in_one_short_line(error: str, code: str, side: str) -> None:
    issuer = Issuer()
    found = refused(issuer, error=error, error_description="<script>\r\nSet-Cookie: x" + "y" * 9000)
    assert (found.code, found.side, found.error) == (code, side, error)
    assert "\n" not in found.hint
    assert len(found.hint) < 600
    # A code beside an error is not a success (Aura takes it).
    assert issuer.stage.requests(TOKENS) == []


def test_a_callback_without_code_says_so() -> None:
    assert refused(Issuer(), code="").code == "code_missing"


def test_a_silent_provider_is_an_outage_and_is_named() -> None:
    issuer = Issuer()
    issuer.begin()
    for url in (TOKENS, f"{ISSUER}/user"):
        kept = issuer.stage.answers[url]
        issuer.stage.answers[url] = Unreachable("no answer")
        with pytest.raises(ProviderUnreachable) as caught:
            issuer.finish()
        assert caught.value.provider == "acme"
        assert caught.value.code == "provider_unreachable"
        issuer.stage.answers[url] = kept
    # A code is never tried twice, a question about somebody may be.
    assert {each.attempts for each in issuer.stage.requests(TOKENS)} == {1}
    assert {each.attempts for each in issuer.stage.requests(f"{ISSUER}/user")} == {2}


def test_a_refresh_keeps_what_the_provider_does_not_replace() -> None:
    issuer = Issuer()
    issuer.stage.answers[TOKENS] = answer({"access_token": "at-2", "expires_in": "60"})
    tokens = run(issuer.upstream.refresh("rt-1"), issuer.stage.send)
    assert (tokens.access_token, tokens.refresh_token, tokens.expires_at) == ("at-2", "rt-1", NOW + 60)
    assert tokens.scopes == ("openid", "profile", "email")
    (request,) = issuer.stage.requests(TOKENS)
    assert form_of(request) == {"grant_type": "refresh_token", "refresh_token": "rt-1"}
    assert request.share
    assert "rt-1" not in request.share


def test_the_id_token_of_a_refresh_is_checked_and_must_be_the_same_persons() -> None:
    issuer = Issuer()
    issuer.tokens["refresh_token"] = "rt-2"
    tokens = run(issuer.upstream.refresh("rt-1", subject="ada"), issuer.stage.send)
    assert tokens.refresh_token == "rt-2"
    assert run(issuer.upstream.refresh("rt-1"), issuer.stage.send).id_token
    with pytest.raises(ProviderError, match="two people"):
        run(issuer.upstream.refresh("rt-1", subject="eve"), issuer.stage.send)
    issuer.claims["aud"] = "another"
    with pytest.raises(ProviderError) as caught:
        run(issuer.upstream.refresh("rt-1", subject="ada"), issuer.stage.send)
    assert caught.value.code == "id_token_audience"


def test_a_profile_can_be_read_again_and_must_be_the_same_persons() -> None:
    issuer = Issuer()
    signed_in = issuer.finish()
    issuer.user["name"] = "Ada Lovelace"
    again = run(issuer.upstream.profile(signed_in.tokens, subject="ada"), issuer.stage.send)
    assert again.name == "Ada Lovelace"
    with pytest.raises(ProviderError) as caught:
        run(issuer.upstream.profile(signed_in.tokens, subject="eve"), issuer.stage.send)
    assert caught.value.code == "subject_mismatch"
    del issuer.document["userinfo_endpoint"]
    silent = Upstream(issuer.upstream.client, clock=issuer.clock)
    with pytest.raises(ProviderError) as caught:
        run(silent.profile(signed_in.tokens, subject="ada"), issuer.stage.send)
    assert caught.value.code == "provider_no_userinfo"


def test_a_token_is_revoked_at_the_provider() -> None:
    issuer, where = Issuer(), f"{ISSUER}/revoke"
    assert run(issuer.upstream.revoke("rt-1", hint="refresh_token"), issuer.stage.send)
    assert run(issuer.upstream.revoke("at-1"), issuer.stage.send)
    first, second = issuer.stage.requests(where)
    assert form_of(first) == {"token": "rt-1", "token_type_hint": "refresh_token"}
    assert form_of(second) == {"token": "at-1"}
    assert first.headers["Authorization"].startswith("Basic ")
    for bad, code in (
        (answer({"error": "invalid_client"}, 401), "provider_client"),
        (answer({"error": "unsupported_token_type"}, 400), "provider_error"),
        (HttpResponse(302), "provider_answer"),
        (HttpResponse(199), "provider_answer"),
        (HttpResponse(100, b'{"a":1}'), "provider_revocation"),
    ):
        issuer.stage.answers[where] = bad
        with pytest.raises(ProviderError) as caught:
            run(issuer.upstream.revoke("at-1"), issuer.stage.send)
        assert caught.value.code == code
    del issuer.document["revocation_endpoint"]
    silent = Upstream(issuer.upstream.client, clock=issuer.clock)
    assert not run(silent.revoke("at-1"), issuer.stage.send)


def test_somebody_of_another_organization_stays_out() -> None:
    issuer = Issuer(required_claims={"hd": "example.com"})
    error = refused(issuer)
    assert (error.code, error.side) == ("provider_account", "person")
    issuer.claims["hd"] = "example.com"
    issuer.transaction = None
    assert issuer.finish()
    assert google(hosted_domain="example.com").template.required_claims == {"hd": "example.com"}


def test_a_client_without_secret_is_a_public_one_and_one_with_a_key_signs() -> None:
    public = Issuer(client_secret="")
    public.finish()
    (request,) = public.stage.requests(TOKENS)
    assert form_of(request)["client_id"] == CLIENT_ID
    assert "client_secret" not in form_of(request)
    assert "Authorization" not in request.headers
    signing = Issuer(client_secret="", key=SigningKey(pem="no key", kid="k", algorithm="RS256"))
    with pytest.raises(ConfigError) as caught:
        signing.finish()
    assert caught.value.code == "provider_settings"


def test_a_raw_provider_needs_no_more_than_the_words_of_the_table() -> None:
    client = oauth2(
        id="acme",
        authorize_url="https://acme.example/authorize?tenant=1#top",
        tokens=TokenEndpoint(url="https://acme.example/token", method="GET", from_callback=("device",)),
        user=UserEndpoint(
            url="https://acme.example/me?v=1",
            query={"u": "{uid}"},
            errors=ErrorShape(word="oops", message=""),
        ),
        profile=ProfileMap(root="me", subject=("id",), email_proof="none"),
        scopes=("a", "b"),
        client_id=CLIENT_ID,
        client_secret=SECRET,
    )
    issuer = Issuer(client)
    url = issuer.begin().url
    assert url.startswith("https://acme.example/authorize?tenant=1&")
    assert url.endswith("#top")
    issuer.stage.answers |= {
        "https://acme.example/token": answer({"access_token": "at-1", "uid": 7}),
        "https://acme.example/me": answer(
            {"me": {"id": 7, "email": "ada@example.com", "email_verified": True}}
        ),
    }
    signed_in = issuer.finish(device="d-1", iss="https://whoever.example")
    assert signed_in.profile.identity == ("acme", "7")
    assert not signed_in.profile.email_verified
    asked, me = issuer.stage.asked
    assert asked.method == "GET"
    assert query_of(asked.url)["device"] == "d-1"
    assert me.url == "https://acme.example/me?v=1&u=7"
    issuer.stage.answers["https://acme.example/me"] = answer({"oops": "bad"})
    assert refused(issuer).error == "bad"
    issuer.stage.answers["https://acme.example/me"] = answer({"me": {"id": True}})
    error = refused(issuer)
    assert (error.code, error.side) == ("provider_profile", "provider")
    assert not run(issuer.upstream.revoke("at-1"), issuer.stage.send)


def test_the_name_beside_an_answer_is_a_name_and_nothing_else() -> None:
    client = Issuer().upstream.client
    posting = replace(client, template=replace(client.template, response_mode="form_post"))
    for text in ("", "no json", "[]", '{"name":"x"}', '{"email":"eve@example.com"}', "\ud800"):
        profile = Issuer(posting).finish(user=text).profile
        assert (profile.name, profile.email) == (None, "ada@example.com")
    named = '{"name":{"firstName":"Ada"}}'
    assert Issuer(posting).finish(user=named).profile.name == "Ada"
    assert Issuer().finish(user=named).profile.name is None


def test_a_transaction_that_was_not_ours_cannot_be_read() -> None:
    good = Issuer().begin().transaction.to_json()
    for name in ("provider", "state", "code_verifier", "redirect_uri", "started_at"):
        with pytest.raises(ValueError, match="not a sign-in"):
            Transaction.from_json({**good, name: None})


def test_apples_key_is_needed_whole() -> None:
    with pytest.raises(ConfigError) as caught:
        Upstream(apple(client_id=CLIENT_ID, team_id="T", key_id="K"))
    assert [word in str(caught.value) for word in ("team_id", "key_id", "private_key")] == [True, True, True]
    assert Upstream(apple(client_id=CLIENT_ID, client_secret="signed elsewhere")).client.auth == "post"
