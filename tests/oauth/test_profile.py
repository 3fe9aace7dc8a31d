"""Who somebody is, and whether an address lets them into an account that is there already."""

from typing import Any

import pytest

from vestibule.oauth import (
    PROVIDERS,
    Identity,
    Linking,
    Profile,
    ProfileMap,
    Provider,
    linking,
    microsoft,
    oidc,
)
from vestibule.oauth.profile import pick, read_profile, trusts_email

ADA = "ada@example.com"
GOOGLE = PROVIDERS["google"]


def profile(email: str | None = ADA, *, verified: bool = True) -> Profile:
    return Profile(identity=Identity("google", "1"), email=email, email_verified=verified)


@pytest.mark.parametrize(
    ("who", "provider", "local", "local_verified", "wanted"),
    [
        (profile(), GOOGLE, ADA, True, Linking.ALLOWED),
        (profile("Ada@Example.COM"), GOOGLE, ADA, True, Linking.ALLOWED),
        (profile(None), GOOGLE, ADA, True, Linking.NO_EMAIL),
        (profile(verified=False), GOOGLE, ADA, True, Linking.UNVERIFIED_THERE),
        (profile(), GOOGLE, ADA, False, Linking.UNVERIFIED_HERE),
        (profile(), GOOGLE, "eve@example.com", True, Linking.OTHER_EMAIL),
        (profile("\u212aim@example.com"), GOOGLE, "kim@example.com", True, Linking.OTHER_EMAIL),
        (profile("ada@exämple.com"), GOOGLE, "ada@xn--exmple-cua.com", True, Linking.OTHER_EMAIL),
        (profile(), PROVIDERS["microsoft"], ADA, True, Linking.PROVIDER_NEVER),
        (profile(), PROVIDERS["authentik"], ADA, True, Linking.PROVIDER_NEVER),
        (profile(), PROVIDERS["spotify"], ADA, True, Linking.PROVIDER_NEVER),
        (profile(), oidc("https://id.example.com", id="acme").template, ADA, True, Linking.ALLOWED),
        (
            profile(),
            oidc("https://id.example.com", id="acme", links_by_email=False).template,
            ADA,
            True,
            Linking.PROVIDER_NEVER,
        ),
    ],
)
def test_OI_3_an_address_joins_accounts_only_when_both_sides_have_proved_it(
    who: Profile, provider: Provider, local: str, local_verified: bool, wanted: Linking
) -> None:
    found = linking(who, provider, local_email=local, local_email_verified=local_verified)
    assert found is wanted


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.us/x/v2.0",
        "https://login.partner.microsoftonline.cn/x",
        "https://sts.windows.net/x/",
        "https://acme.ciamlogin.com/x/v2.0",
        "https://acme.b2clogin.com/x/v2.0/",
    ],
)
def test_reg_nOAuth_microsoft_by_another_name_is_microsoft(issuer: str) -> None:
    assert not trusts_email(oidc(issuer, id="acme").template)
    assert not trusts_email(microsoft().template)
    assert trusts_email(oidc("https://login.microsoftonline.com.example.com", id="acme").template)


@pytest.mark.parametrize("claim", [False, "false", None, 0, 1, "1", "True", "yes", [True], {}])
def test_OI_3_only_true_and_the_text_true_prove_an_address(claim: Any) -> None:
    who = read_profile(GOOGLE, {"sub": "1", "email": ADA, "email_verified": claim})
    assert (who.email, who.email_verified) == (ADA, False)
    assert not read_profile(GOOGLE, {"sub": "1", "email": ADA}).email_verified
    assert read_profile(GOOGLE, {"sub": "1", "email": ADA, "email_verified": "true"}).email_verified
    assert not read_profile(GOOGLE, {"sub": "1", "email_verified": True}).email_verified


def test_all_of_the_proofs_are_needed_and_none_is_none() -> None:
    kakao = PROVIDERS["kakao"]
    account = {"email": ADA, "is_email_valid": True, "is_email_verified": True}
    assert read_profile(kakao, {"id": 1, "kakao_account": account}).email_verified
    account["is_email_valid"] = False
    assert not read_profile(kakao, {"id": 1, "kakao_account": account}).email_verified
    bare = Provider(id="a", name="A", profile=ProfileMap(email_verified=()))
    assert not read_profile(bare, {"sub": "1", "email": ADA}).email_verified


@pytest.mark.parametrize("subject", [None, "", True, 1.5, [], {}, "x" * 256])
def test_without_a_subject_there_is_nobody(subject: Any) -> None:
    with pytest.raises(ValueError, match="no sub"):
        read_profile(GOOGLE, {"sub": subject, "email": ADA, "email_verified": True})


def test_reg_allauth_65_13_no_key_is_a_name_or_an_address() -> None:
    names = {"email", "login", "username", "preferred_username", "name", "nickname", "handle", "upn"}
    for provider in PROVIDERS.values():
        assert names.isdisjoint(provider.profile.subject)
    first = read_profile(PROVIDERS["github"], {"id": 1, "login": "ada", "email": ADA})
    assert (
        first.identity != read_profile(PROVIDERS["github"], {"id": 2, "login": "ada", "email": ADA}).identity
    )


def test_every_part_of_a_key_is_needed() -> None:
    template = PROVIDERS["microsoft"]
    assert read_profile(template, {"tid": "t", "oid": "o"}).identity == ("microsoft", "t.o")
    with pytest.raises(ValueError, match="tid and oid"):
        read_profile(template, {"tid": "t", "email": ADA})


def test_a_path_leads_through_objects_and_lists() -> None:
    data = {"a": {"b": [{"c": 1}]}, "https://x.y/z": 2, "t": "text"}
    assert pick(data, "a.b.0.c") == 1
    assert pick(data, "https://x.y/z") == 2
    assert pick(data, "") is data
    for path in ("a.b.1.c", "a.b.x", "a.x", "t.0", "a.b.0.c.d"):
        assert pick(data, path) is None


def test_a_profile_that_is_not_where_it_should_be_is_nobody() -> None:
    with pytest.raises(ValueError, match="no id"):
        read_profile(PROVIDERS["x"], {"data": "text"})


def test_a_name_is_made_of_its_parts_when_it_is_missing() -> None:
    assert read_profile(GOOGLE, {"sub": "1", "given_name": "Ada"}).name == "Ada"
    discord = read_profile(PROVIDERS["discord"], {"id": "1", "username": "ada", "avatar": None})
    assert (discord.name, discord.picture) == ("ada", None)


def test_a_picture_is_an_address_of_the_web() -> None:
    assert read_profile(GOOGLE, {"sub": "1", "picture": "https://x.example/a.png"}).picture
    assert read_profile(GOOGLE, {"sub": "1", "picture": "javascript:alert(1)"}).picture is None
