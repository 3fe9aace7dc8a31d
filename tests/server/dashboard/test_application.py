"""The application in the dashboard: each address is registered, refused beside its input, and taken back."""

from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import Office
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.paging import Page
from vestibule.server.identity.redirect_uris import list_redirect_uris

PATH = "/dashboard/application"


def registered(office: Office) -> list[str]:
    return [each.uri for each in list_redirect_uris(office.identity, Page(limit=100, order="asc")).data]


def test_a_redirect_uri_is_added_made_the_default_and_removed(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    for uri in ("https://app.example.com/callback", "https://*.preview.example.com/callback"):
        assert "may lead there" in admin.done(f"{PATH}/redirect-uris", uri=f" {uri} ")
    known = {each.uri: each for each in list_redirect_uris(office.identity, Page()).data}
    first, second = known["https://app.example.com/callback"], known["https://*.preview.example.com/callback"]
    assert (first.is_default, second.is_default) == (True, False)
    admin.done(f"{PATH}/redirect-uris/{second.id}/default")
    answer = admin.post(f"{PATH}/redirect-uris/{second.id}/remove")
    assert (answer.status_code, "another redirect URI the default" in answer.text) == (422, True)
    admin.done(f"{PATH}/redirect-uris/{first.id}/remove")
    assert registered(office) == [second.uri]
    names = [event.event for event in office.events("redirect_uri.created", "redirect_uri.deleted")]
    assert names == ["redirect_uri.deleted", "redirect_uri.created", "redirect_uri.created"]
    latest = office.events("redirect_uri.deleted")[0]
    assert latest.context is not None
    assert latest.context["actor"]["name"] == "admin@example.com"


def test_what_is_refused_is_said_beside_its_input_and_stays_typed(
    office: Office, operator: Operators
) -> None:
    admin = operator("admin")
    for path, values, text in (
        ("", {"app_homepage_url": "app.example.com"}, "It must be an absolute http or https address"),
        ("redirect-uris", {"uri": "https://app.example.com/#top"}, "It must be an absolute"),
        ("cors-origins", {"origin": "https://app.example.com/"}, "without a final slash"),
        ("sign-out-uris", {"sign_out_uri": "ftp://app.example.com"}, "It must be an absolute"),
    ):
        answer = admin.post(f"{PATH}/{path}".rstrip("/"), **values)
        assert (answer.status_code, text in answer.text) == (422, True)
        ((name, typed),) = values.items()
        assert f'id="{name}-error"' in answer.text
        assert f'value="{typed}"' in answer.text
    admin.done(f"{PATH}/cors-origins", origin="https://app.example.com")
    again = admin.post(f"{PATH}/cors-origins", origin="https://app.example.com")
    assert (again.status_code, "registered already" in again.text) == (422, True)


def test_the_places_in_the_app_are_kept_and_an_empty_one_is_removed(
    office: Office, operator: Operators
) -> None:
    admin = operator("admin")
    places = {
        "initiate_login_url": "https://app.example.com/in",
        "app_homepage_url": "https://app.example.com",
    }
    admin.done(PATH, name="Acme", sign_out_redirect="", **places)
    place = get_environment(office.identity)
    assert (place.name, place.initiate_login_url) == ("Acme", places["initiate_login_url"])
    admin.done(PATH, initiate_login_url="")
    assert get_environment(office.identity).initiate_login_url is None
    assert [event.data["changed"] for event in office.events("environment.updated")] == [
        ["initiate_login_url"],
        ["app_homepage_url", "initiate_login_url", "name"],
    ]
    assert admin.post(PATH, name=" ").status_code == 422


def test_who_may_only_look_finds_no_form(operator: Operators) -> None:
    shown = operator("auditor").read(PATH)
    assert "client_" in shown
    assert "Add a redirect URI" not in shown
    assert ">Save<" not in shown
