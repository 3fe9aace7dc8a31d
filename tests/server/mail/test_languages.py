from dataclasses import replace
from pathlib import Path

import pytest

from tests.server.people import mails_to, make_user
from vestibule.errors import ConfigError
from vestibule.server.identity import invitations, magic
from vestibule.server.identity.context import Identity
from vestibule.server.mail.render import render
from vestibule.server.settings import Settings

DATA = {"product": "Acme", "code": "042137", "minutes": 10, "email": "ada@example.com"}


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A letter of our own, one in German, and half a letter in French."""
    for place, subject in (("", "A code"), ("de", "Ein Code")):
        (tmp_path / place).mkdir(exist_ok=True)
        (tmp_path / place / "magic_code.txt").write_text(f"{subject} for {{{{ product }}}}\n{{{{ code }}}}\n")
        (tmp_path / place / "magic_code.html").write_text(f"<p>{subject}: {{{{ code }}}} {{{{ email }}}}</p>")
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr" / "magic_code.txt").write_text("Un code\n")
    return str(tmp_path)


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("de", "Ein Code for Acme"),
        ("de-AT", "Ein Code for Acme"),
        ("de_AT", "Ein Code for Acme"),
        ("fr", "A code for Acme"),
        ("nl-NL", "A code for Acme"),
        (None, "A code for Acme"),
    ],
)
def test_the_nearest_language_is_taken_whole(own: str, locale: str | None, subject: str) -> None:
    message = render("magic_code", DATA, locale=locale, own=own)
    assert message.subject == subject
    assert subject.partition(" for")[0] in message.html
    assert message.text == "042137\n"


def test_what_is_not_there_is_ours(own: str) -> None:
    data = DATA | {"link": "http://localhost:8100/verify-email"}
    assert render("verify_email", data, locale="de", own=own) == render("verify_email", data, locale="de")


def test_AD_1_own_letters_escape_as_well(own: str) -> None:
    message = render("magic_code", DATA | {"email": "<img src=x>"}, own=own)
    assert "&lt;img src=x&gt;" in message.html


@pytest.mark.parametrize("locale", ["../de", "/etc", "de/../../x", "", "-"])
def test_a_language_is_no_way_out_of_the_directory(own: str, locale: str) -> None:
    assert render("magic_code", DATA, locale=locale, own=own).subject == "A code for Acme"


def test_people_are_written_to_in_what_they_read(identity: Identity, own: str) -> None:
    identity = replace(identity, settings=replace(identity.settings, mail_templates=own))
    make_user(identity, "ada@example.com", locale="de-DE")
    make_user(identity, "bob@example.com")
    for email, subject in (("ada@example.com", "Ein Code"), ("bob@example.com", "A code")):
        magic.create_magic_auth(identity, email)
        assert mails_to(identity, email)[0].subject == f"{subject} for Vestibule"


def test_an_invitation_has_a_language_of_its_own(identity: Identity, tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    for ending in ("txt", "html"):
        (tmp_path / "de" / f"invitation.{ending}").write_text("Eine Einladung\n{{ link }}\n")
    identity = replace(identity, settings=replace(identity.settings, mail_templates=str(tmp_path)))
    made = invitations.create_invitation(identity, email="ada@example.com", locale="de")
    assert mails_to(identity, "ada@example.com")[0].subject == "Eine Einladung"
    invitations.create_invitation(identity, email="bob@example.com")
    assert mails_to(identity, "bob@example.com")[0].subject == "You are invited to Vestibule"
    invitations.resend_invitation(identity, made.id, locale="en")
    subjects = {mail.subject for mail in mails_to(identity, "ada@example.com")}
    assert subjects == {"Eine Einladung", "You are invited to Vestibule"}


def test_the_directory_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="MAIL_TEMPLATES"):
        Settings(
            public_url="http://localhost",
            secret="a-secret-that-only-these-tests-know-of",
            mail_templates=str(tmp_path / "none"),
        )
