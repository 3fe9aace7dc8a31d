"""Mail in the dashboard: every letter in every language, one to oneself, and what could not be sent."""

from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import pytest

from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import Office
from tests.server.people import mails_to
from vestibule.server import languages
from vestibule.server.identity import letter_examples
from vestibule.server.identity.letters import LASTING
from vestibule.server.mail.render import KINDS

PATH = "/dashboard/emails"


@pytest.fixture
def server_settings(tmp_path: Path) -> dict[str, Any]:
    own = tmp_path / "letters"
    own.mkdir()
    (own / "magic_code.txt").write_text("Our code: {{ code }}\nHello {{ email }}\n")
    (own / "magic_code.html").write_text("<p style='color: red'>{{ code }}</p><script>x()</script>")
    (own / "email_changed.txt").write_text("{{ nobody_knows }}\n")
    (own / "email_changed.html").write_text("<p></p>")
    return {"mail_templates": str(own)}


def test_every_letter_is_listed_and_shown_in_each_language(office: Office, operator: Operators) -> None:
    auditor = operator("auditor")
    assert {each.kind for each in letter_examples.KINDS} == set(KINDS)
    listed = auditor.read(PATH)
    for kind in set(KINDS) - {"email_changed", "magic_code"}:
        assert f"{PATH}/{kind}" in listed
        for language in languages.available():
            message = letter_examples.preview(office.identity, kind, locale=language.tag)
            html = auditor.get(f"{PATH}/{kind}/html", lang=language.tag)
            assert html.text == message.html
    page = auditor.get(f"{PATH}/invitation", lang="de")
    german = letter_examples.preview(office.identity, "invitation", locale="de")
    assert escape(german.subject) in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]


def test_a_letter_runs_nothing_and_is_framed_by_us_alone(operator: Operators) -> None:
    policy = operator("auditor").get(f"{PATH}/magic_code/html").headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "script-src" not in policy
    assert "allow-" not in policy
    assert policy.endswith("frame-ancestors 'self'")


def test_templates_of_ones_own_are_named_and_their_mistakes_said(operator: Operators) -> None:
    auditor = operator("auditor")
    assert "<code>magic_code.html</code>" in auditor.read(PATH)
    assert "Our code: 123456" in auditor.read(f"{PATH}/magic_code")
    broken = auditor.get(f"{PATH}/email_changed")
    assert (broken.status_code, "nobody_knows" in broken.text) == (422, True)


def test_an_example_goes_to_the_operator_and_not_too_often(office: Office, operator: Operators) -> None:
    support = operator("support")
    for _ in range(3):
        assert "on its way" in support.done(f"{PATH}/invitation/test", lang="fr")
    refused = support.post(f"{PATH}/invitation/test", lang="fr")
    assert (refused.status_code, "try again in" in refused.text) == (429, True)
    mails = mails_to(office.identity, "support@example.com")
    assert len(mails) == 3
    assert mails[0].subject == letter_examples.preview(office.identity, "invitation", locale="fr").subject
    event = office.events("mail.tested")[0]
    assert (event.data["kind"], event.data["recipient"]) == ("invitation", "support@example.com")


def test_what_was_given_up_is_tried_again_unless_it_carried_a_code(
    office: Office, operator: Operators
) -> None:
    support, settings = operator("support"), replace(office.identity.settings, smtp_url="smtp://localhost:9")
    identity = replace(office.identity, settings=settings)
    for kind in ("invitation", "reset_password"):
        letter_examples.send_example(identity, kind, recipient="ada@example.com", locale="en")
    found: dict[str, str] = {}
    with identity.store.transaction() as tx:
        for mail in tx.mails.list(limit=2):
            tx.mails.fail(mail, now=identity.now, error="refused with 550", keeps=mail.kind in LASTING)
            found[mail.kind] = mail.id
    shown = support.read(PATH)
    assert shown.count("given up</span>") == 2
    assert shown.count("Try again") == 1
    again = f"{PATH}/waiting/{{}}/retry"
    assert "tried again" in support.done(again.format(found["invitation"]))
    refused = support.post(again.format(found["reset_password"]))
    assert (refused.status_code, "its text is gone" in refused.text) == (409, True)
    assert [event.data["id"] for event in office.events("mail.retried")] == [found["invitation"]]
