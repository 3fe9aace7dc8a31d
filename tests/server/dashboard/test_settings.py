from dataclasses import fields

from tests.server.dashboard.office import Office
from tests.servers import SECRET
from vestibule.server.settings import PREFIX, Settings


def test_every_setting_says_what_it_does_and_no_secret_is_shown(office: Office) -> None:
    page = office.operator("admin").read("/dashboard/settings")
    rows = page.split('<tr id="')[1:]
    assert [row.partition('"')[0] for row in rows] == [each.name for each in fields(Settings)]
    assert [row for row in rows if 'class="hint">' not in row] == []
    assert PREFIX + "PUBLIC_URL" in page
    assert SECRET not in page
    assert office.identity.settings.public_url in page


def test_a_setting_is_found_by_its_name_or_by_what_it_does(office: Office) -> None:
    admin = office.operator("admin")
    assert admin.read("/dashboard/settings", q="published leak").count("<tr id=") == 1
    assert "No setting is called like that" in admin.read("/dashboard/settings", q="nothing like it")
