import dataclasses

import pytest

from tests.server.apps import App
from vestibule.server.identity.context import Identity
from vestibule.server.identity.cors_origins import (
    create_cors_origin,
    delete_cors_origin,
    ensure_cors_origin,
    is_allowed_origin,
    list_cors_origins,
)
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.paging import Page
from vestibule.server.identity.redirect_uris import ensure_redirect_uri

ORIGIN = "https://shop.example.com"


def in_production(identity: Identity) -> Identity:
    settings = dataclasses.replace(
        identity.settings,
        public_url="https://id.example.com",
        environment="production",
        development=False,
        smtp_url="smtp://localhost:25",
    )
    return dataclasses.replace(identity, settings=settings)


def test_only_what_is_registered_is_allowed(identity: Identity) -> None:
    assert not is_allowed_origin(identity, ORIGIN)
    registered = create_cors_origin(identity, ORIGIN)
    assert is_allowed_origin(identity, ORIGIN)
    delete_cors_origin(identity, registered.id)
    assert not is_allowed_origin(identity, ORIGIN)
    with pytest.raises(NotFound):
        delete_cors_origin(identity, registered.id)


@pytest.mark.parametrize(
    "asked",
    [
        "https://shop.example.com.evil.example",
        "https://evilshop.example.com",
        "https://shop.example.com:8443",
        "http://shop.example.com",
        "https://shop.example.com/",
        "HTTPS://SHOP.EXAMPLE.COM",
        "null",
        "file://",
        "https://*.example.com",
        "",
    ],
)
def test_what_resembles_a_registered_origin_is_not_allowed(identity: Identity, asked: str) -> None:
    create_cors_origin(identity, ORIGIN)
    assert not is_allowed_origin(identity, asked)


@pytest.mark.parametrize(
    "origin",
    [
        "https://shop.example.com/",
        "https://shop.example.com/path",
        "https://shop.example.com:443",
        "http://localhost:80",
        "https://*.example.com",
        "https://user@shop.example.com",
        "shop.example.com",
        "null",
        "*",
        "",
    ],
)
def test_what_no_browser_sends_cannot_be_registered(identity: Identity, origin: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_cors_origin(identity, origin)
    assert refused.value.errors[0]["code"] == "invalid_origin"


def test_an_origin_is_registered_once(identity: Identity) -> None:
    create_cors_origin(identity, ORIGIN)
    with pytest.raises(Conflict):
        create_cors_origin(identity, ORIGIN)
    ensure_cors_origin(identity, ORIGIN)
    assert [each.origin for each in list_cors_origins(identity, Page()).data] == [ORIGIN]


def test_in_staging_the_port_of_a_loopback_origin_does_not_matter(identity: Identity) -> None:
    create_cors_origin(identity, "http://localhost:3000")
    assert is_allowed_origin(identity, "http://localhost:5173")
    assert not is_allowed_origin(identity, "http://127.0.0.1:3000")
    assert not is_allowed_origin(identity, "https://localhost:3000")


def test_in_staging_loopback_addresses_of_sign_ins_count_as_well(app: App, identity: Identity) -> None:
    assert not is_allowed_origin(identity, "http://localhost:5173")
    ensure_redirect_uri(identity, "http://localhost:8000/callback")
    assert is_allowed_origin(identity, "http://localhost:5173")
    assert not is_allowed_origin(identity, "https://app.example.com")  # a redirect URI, but of no loopback


def test_in_production_only_the_exact_origin_counts(identity: Identity) -> None:
    production = in_production(identity)
    create_cors_origin(production, "http://localhost:3000")
    ensure_redirect_uri(production, "http://localhost:8000/callback")
    assert is_allowed_origin(production, "http://localhost:3000")
    assert not is_allowed_origin(production, "http://localhost:5173")
    with pytest.raises(Invalid):
        create_cors_origin(production, "http://shop.example.com")
