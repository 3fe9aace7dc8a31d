from pathlib import Path

from tests.place_databases import write_places
from vestibule.server.identity.places import place_of

BERLIN = {
    "city": {"names": {"en": "Berlin", "ja": "ベルリン"}},
    "country": {"names": {"en": "Germany", "de": "Deutschland", "ja": "ドイツ"}},
}


def test_an_address_has_a_place_in_the_language_of_the_reader(tmp_path: Path) -> None:
    known = {"203.0.113.0/24": BERLIN, "198.51.100.0/24": {"country": {"names": {"en": "France"}}}}
    file = str(write_places(tmp_path / "places.mmdb", known))
    assert place_of(file, "203.0.113.7") == "Berlin, Germany"
    assert place_of(file, "203.0.113.7", "de") == "Berlin, Deutschland"
    assert place_of(file, "203.0.113.7", "ja") == "ベルリン, ドイツ"
    assert place_of(file, "198.51.100.1", "fr") == "France"


def test_what_nobody_knows_has_none(tmp_path: Path) -> None:
    file = str(write_places(tmp_path / "places.mmdb", {"203.0.113.0/24": {"city": "odd"}}))
    for address in ("192.0.2.1", "203.0.113.7", "2001:db8::1", "nonsense", "", None):
        assert place_of(file, address) is None
    assert place_of(None, "203.0.113.7") is None
