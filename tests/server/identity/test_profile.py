import pytest

from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.profile import (
    merge_metadata,
    tidy_external_id,
    tidy_locale,
    tidy_name,
)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ada", "Ada"),
        ("  Ada  ", "Ada"),
        ("Rene\u0301", "René"),
        ("", None),
        (None, None),
        ("محمد", "محمد"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
    ],
)
def test_names_are_tidied(given: object, kept: str | None) -> None:
    assert tidy_name("first_name", given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "Ada\r\nBcc: x", "Ada\x00", "\u202eadA", "A\u200bda", "A\u2028da", "\ud800", 7, ["Ada"],
        "a" + "\u0301\u0302\u0303\u0304\u0306\u0307" * 1000, "a" * 257,
    ],
)  # fmt: skip
def test_UN_4_HI_1_names_that_would_garble_a_page_or_a_mail_are_refused(given: object) -> None:
    with pytest.raises(Invalid) as refused:
        tidy_name("first_name", given)
    assert refused.value.errors[0]["field"] == "first_name"


def test_metadata_is_merged() -> None:
    current = {"plan": "free", "team": "red"}
    assert merge_metadata(current, {"plan": "pro", "seat": "4"}) == {
        "plan": "pro",
        "team": "red",
        "seat": "4",
    }
    assert merge_metadata(current, {"plan": None, "none": None}) == {"team": "red"}
    assert merge_metadata(current, None) == {}
    assert current == {"plan": "free", "team": "red"}


@pytest.mark.parametrize(
    "given",
    [
        {"k" * 41: "v"}, {"": "v"}, {"k": "v" * 601}, {"k": 1}, {"k": {"nested": "v"}}, {"k": "\x00"},
        {"k": "\udfff"}, {str(number): "v" for number in range(51)}, "text", [1],
    ],
)  # fmt: skip
def test_metadata_has_bounds(given: object) -> None:
    with pytest.raises(Invalid) as refused:
        merge_metadata({}, given)
    assert refused.value.code == "invalid_metadata"


def test_fifty_metadata_entries_fit() -> None:
    assert len(merge_metadata({}, {f"{number:040d}": "v" * 600 for number in range(50)})) == 50


@pytest.mark.parametrize("given", ["crm-7", "x" * 128, None])
def test_external_ids(given: str | None) -> None:
    assert tidy_external_id(given) == given


@pytest.mark.parametrize("given", ["", "x" * 129, "ü", "a\x00b", "a\nb", 7])
def test_external_ids_refused(given: object) -> None:
    with pytest.raises(Invalid):
        tidy_external_id(given)


@pytest.mark.parametrize("given", ["en", "en-US", "zh-Hant-TW", "pt_BR", None])
def test_locales(given: str | None) -> None:
    assert tidy_locale(given) == given


@pytest.mark.parametrize("given", ["", "e", "english please", "en-", "en-US\n", 7])
def test_locales_refused(given: object) -> None:
    with pytest.raises(Invalid) as refused:
        tidy_locale(given)
    assert refused.value.code == "invalid_locale"
