import pytest

from vestibule.server.identity.emails import lookup_key, parse_email


@pytest.mark.parametrize(
    ("given", "address", "key"),
    [
        ("ada@example.com", "ada@example.com", "ada@example.com"),
        ("  Ada@Example.COM ", "Ada@example.com", "ada@example.com"),
        ("ada+news@example.com", "ada+news@example.com", "ada+news@example.com"),
        ("Åse@example.com", "Åse@example.com", "åse@example.com"),
        ("A\u030ase@example.com", "Åse@example.com", "åse@example.com"),
        ("ada@app.test", "ada@app.test", "ada@app.test"),
    ],
)
def test_the_address_is_kept_and_the_key_is_folded(given: str, address: str, key: str) -> None:
    parsed = parse_email(given)
    assert (parsed.address, parsed.key) == (address, key)


@pytest.mark.parametrize(
    "given", ["ada@münchen.de", "ada@xn--mnchen-3ya.de", "ADA@MÜNCHEN.DE", "ada@münchen.de."]
)
def test_UN_2_every_form_of_a_domain_is_one_account(given: str) -> None:
    assert lookup_key(given) == "ada@xn--mnchen-3ya.de"


@pytest.mark.parametrize(
    "given",
    ["m\u0131ke@example.com", "\uff2d\uff29\uff2b\uff25@example.com", "M\u0130KE@example.com"],
    ids=["dotless i", "full width", "dotted capital i"],
)
def test_UN_1_look_alikes_are_other_accounts(given: str) -> None:
    assert lookup_key(given) not in (None, "mike@example.com")


def test_UN_1_sharp_s_is_not_double_s() -> None:
    assert lookup_key("strauß@example.com") != lookup_key("strauss@example.com")


def test_UN_1_what_unicode_itself_turns_into_ascii_is_refused() -> None:
    with pytest.raises(ValueError, match="looks like another"):
        parse_email("mi\u212ae@example.com")


@pytest.mark.parametrize(
    "given",
    [
        "", "ada", "@example.com", "ada@", "ada@localhost", "ada@exam ple.com", "ada@@example.com",
        '"ada b"@example.com', "ada@[127.0.0.1]", "ada@example..com", "Ada <ada@example.com>",
        "ada@example.com,grace@example.com", "ada\u200b@example.com", "a\ud800a@example.com",
        "a\x00a@example.com", "a" * 400 + "@example.com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(given: str) -> None:
    assert lookup_key(given) is None


@pytest.mark.parametrize(
    "given", ["ada@example.com\r\nBcc: eve@example.com", "ada\n@example.com", "a\rb@example.com"]
)
def test_HI_1_line_breaks_are_refused(given: str) -> None:
    assert lookup_key(given) is None
