from html.parser import HTMLParser

import pytest

from vestibule.server.mail.render import KINDS, render

DATA = {
    "product": "Vestibule",
    "code": "042137",
    "minutes": 10,
    "email": "ada@example.com",
    "link": "http://localhost:8100/reset-password?token=abc_-123",
    "sign_in_link": "http://localhost:8100/sign-in",
    "reset_link": "http://localhost:8100/forgot-password",
    "when": "15 January 2026 at 12:00 UTC",
    "what": "A passkey was made for it.",
    "new_email": "countess@example.com",
    "inviter": "Grace Hopper",
    "organization": "Analytical Engines",
    "until": "22 January 2026",
    "by": "grace@example.com",
    "role": "support",
}
NEEDS = {
    "account_deleted": ("email", "when"),
    "verify_email": ("code",),
    "reset_password": ("link", "email"),
    "already_registered": ("sign_in_link", "reset_link", "email"),
    "password_changed": ("reset_link", "when", "email"),
    "magic_code": ("code",),
    "invitation": ("link", "until"),
    "operator_added": ("by", "role", "what", "email", "link"),
    "email_change_code": ("code",),
    "email_change_requested": ("new_email",),
    "email_changed": ("new_email", "when", "email"),
    "security_notice": ("what", "when", "email", "reset_link"),
}


class Letter(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_carry_what_the_reader_needs(kind: str) -> None:
    message = render(kind, DATA)
    letter = Letter(message.html)
    assert message.subject
    assert "\n" not in message.subject
    assert message.subject not in message.text.split("\n")[0]
    for name in NEEDS[kind]:
        assert str(DATA[name]) in message.text
        assert str(DATA[name]) in letter.text + " ".join(letter.links)
    assert "script" not in letter.tags
    assert "img" not in letter.tags, "a picture would tell the sender who opened the mail"
    assert max(len(line) for line in message.text.split("\n") if "http" not in line) <= 90


@pytest.mark.parametrize("kind", KINDS)
def test_AD_1_names_and_addresses_stay_text(kind: str) -> None:
    hostile = '<img src=x onerror="alert(1)">{{ 7*7 }}@example.com'
    message = render(kind, DATA | {"email": hostile, "product": "<b>Acme</b>"})
    letter = Letter(message.html)
    assert "img" not in letter.tags
    assert "b" not in letter.tags
    assert "49" not in letter.text


def test_HI_1_a_line_break_begins_no_header() -> None:
    message = render("verify_email", DATA | {"product": "Acme\r\nBcc: eve@example.com", "code": "1\r\n2"})
    assert "\r" not in message.subject
    assert "\n" not in message.subject


def test_what_a_template_names_must_be_there() -> None:
    with pytest.raises(Exception, match="minutes"):
        render("verify_email", {"product": "Vestibule", "code": "1", "link": "x"})
    with pytest.raises(ValueError, match="no mail of the kind"):
        render("../login/sign-in", DATA)


def test_LG_1_a_message_does_not_show_itself() -> None:
    assert "042137" not in repr(render("verify_email", DATA))
