from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.clocks import Clock
from tests.server.apps import CALLBACK, App
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment, update_environment
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.paging import Page
from vestibule.server.identity.redirect_uris import (
    check_redirect_uri,
    create_redirect_uri,
    delete_redirect_uri,
    ensure_redirect_uri,
    list_redirect_uris,
    redirect_origins,
    set_default,
    sign_out_target,
)

OTHER = "https://other.example.com/callback"


def defaults(app: App) -> list[str]:
    return [uri.uri for uri in list_redirect_uris(app.identity, Page(limit=100)).data if uri.is_default]


def test_the_first_is_the_default_until_another_is_made_so(app: App) -> None:
    assert defaults(app) == [CALLBACK]
    other = create_redirect_uri(app.identity, OTHER)
    assert other.id.startswith("redir_")
    assert not other.is_default
    assert set_default(app.identity, other.id).is_default
    assert defaults(app) == [OTHER]
    create_redirect_uri(app.identity, "https://third.example.com/cb", default=True)
    assert defaults(app) == ["https://third.example.com/cb"]


def test_there_is_one_default_whoever_registers_at_once(identity: Identity) -> None:
    ensure_environment(identity)
    together = Barrier(6)

    def register(number: int) -> None:
        together.wait()
        made = create_redirect_uri(identity, f"https://app.example.com/{number}")
        set_default(identity, made.id)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(register, range(6)))
    registered = list_redirect_uris(identity, Page(limit=100)).data
    assert len(registered) == 6
    assert [uri.is_default for uri in registered].count(True) == 1


def test_an_address_is_registered_once(app: App) -> None:
    with pytest.raises(Conflict):
        create_redirect_uri(app.identity, CALLBACK)
    assert ensure_redirect_uri(app.identity, CALLBACK).uri == CALLBACK
    assert ensure_redirect_uri(app.identity, CALLBACK, kind="sign_out").kind == "sign_out"


def test_a_bad_address_is_not_registered(app: App) -> None:
    with pytest.raises(Invalid):
        create_redirect_uri(app.identity, "https://app.example.com/callback#x")


def test_a_sign_out_address_is_no_callback(app: App) -> None:
    create_redirect_uri(app.identity, OTHER, kind="sign_out")
    with pytest.raises(Invalid):
        check_redirect_uri(app.identity, OTHER)
    assert check_redirect_uri(app.identity, CALLBACK) == CALLBACK


def test_a_deleted_address_is_no_longer_good(app: App) -> None:
    other = create_redirect_uri(app.identity, OTHER)
    delete_redirect_uri(app.identity, other.id)
    with pytest.raises(Invalid):
        check_redirect_uri(app.identity, OTHER)
    with pytest.raises(NotFound):
        delete_redirect_uri(app.identity, other.id)


def test_the_default_is_deleted_last(app: App) -> None:
    first = ensure_redirect_uri(app.identity, CALLBACK)
    other = create_redirect_uri(app.identity, OTHER)
    with pytest.raises(Conflict):
        delete_redirect_uri(app.identity, first.id)
    delete_redirect_uri(app.identity, other.id)
    delete_redirect_uri(app.identity, first.id)
    assert list_redirect_uris(app.identity, Page()).data == ()


def test_an_unknown_one_cannot_be_the_default(app: App) -> None:
    with pytest.raises(NotFound):
        set_default(app.identity, "redir_unknown")


def test_lists_are_paged(app: App, clock: Clock) -> None:
    for number in range(4):
        clock.advance(seconds=1)
        create_redirect_uri(app.identity, f"https://app.example.com/{number}")
    page = list_redirect_uris(app.identity, Page(limit=2))
    assert [uri.uri[-1] for uri in page.data] == ["3", "2"]
    assert page.before is None
    second = list_redirect_uris(app.identity, Page(limit=2, after=page.after))
    assert [uri.uri[-1] for uri in second.data] == ["1", "0"]
    last = list_redirect_uris(app.identity, Page(limit=2, after=second.after))
    assert [uri.uri for uri in last.data] == [CALLBACK]
    assert last.after is None
    # The page before is the adjacent one, not the first.
    back = list_redirect_uris(app.identity, Page(limit=1, before=last.before))
    assert [uri.uri[-1] for uri in back.data] == ["0"]
    assert back.before is not None


def test_the_origins_pages_may_lead_back_to(app: App) -> None:
    create_redirect_uri(app.identity, "http://localhost:3000/callback")
    create_redirect_uri(app.identity, "https://*.example.com/callback")
    assert redirect_origins(app.identity) == [
        "http://localhost:*",
        "https://*.example.com",
        "https://app.example.com",
    ]


def test_signing_out_leads_to_a_registered_address(app: App) -> None:
    bye = "https://app.example.com/bye"
    assert sign_out_target(app.identity, bye) is None
    create_redirect_uri(app.identity, bye, kind="sign_out")
    create_redirect_uri(app.identity, "http://localhost:3000/", kind="sign_out")
    assert sign_out_target(app.identity, bye) == bye
    assert sign_out_target(app.identity, "http://localhost:4000/") == "http://localhost:4000/"
    assert sign_out_target(app.identity, None) is None


@pytest.mark.parametrize(
    "return_to",
    [
        None,
        "",
        "https://evil.example/",
        "https://app.example.com/bye?x=1",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: a=b",
        "/\x00",
        "/é",
        "/" + "x" * 3_000,
        CALLBACK,
    ],
)
def test_OR_3_signing_out_leads_home_otherwise(app: App, return_to: str | None) -> None:
    create_redirect_uri(app.identity, "https://app.example.com/bye", kind="sign_out")
    assert sign_out_target(app.identity, return_to) is None
    update_environment(app.identity, app_homepage_url="https://home.example.com/")
    assert sign_out_target(app.identity, return_to) == "https://home.example.com/"
    update_environment(app.identity, sign_out_redirect="https://home.example.com/signed-out")
    assert sign_out_target(app.identity, return_to) == "https://home.example.com/signed-out"


def test_a_bare_path_is_a_place_in_the_app(app: App) -> None:
    assert sign_out_target(app.identity, "/bye?a=b") == "https://app.example.com/bye?a=b"
    update_environment(app.identity, app_homepage_url="https://home.example.com/start")
    assert sign_out_target(app.identity, "/bye") == "https://home.example.com/bye"
    update_environment(app.identity, sign_out_redirect="https://out.example.com:8443/")
    assert sign_out_target(app.identity, "/") == "https://out.example.com:8443/"


def test_the_configured_places_are_registered_by_being_configured(app: App) -> None:
    update_environment(
        app.identity,
        app_homepage_url="https://home.example.com/",
        sign_out_redirect="https://out.example.com/",
    )
    assert sign_out_target(app.identity, "https://home.example.com/") == "https://home.example.com/"
