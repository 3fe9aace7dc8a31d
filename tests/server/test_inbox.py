"""The development inbox: every mail at once, and only where nobody else can look."""

from pathlib import Path

from tests.servers import running_server
from vestibule.server.identity.resets import create_reset

ADA = {"users": [{"email": "ada@example.com", "password": "seven green bottles", "email_verified": True}]}


def test_a_mail_is_listed_read_and_shown_as_sent(tmp_path: Path) -> None:
    with running_server(tmp_path, seed=ADA) as server, server.browser() as browser:
        assert "No mail yet" in browser.get("/dev/inbox").text
        reset = create_reset(server.identity, "ada@example.com")
        listing = browser.get("/dev/inbox").text
        assert "To ada@example.com" in listing
        path = listing.split('class="mail" href="')[1].split('"')[0]
        assert f'<a href="{reset.password_reset_url}"' in browser.get(path).text
        sent = browser.get(path + "/as-sent")
        assert "<h1" in sent.text
        assert sent.headers["content-security-policy"].startswith("sandbox ")


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, server.browser() as browser:
        for path in ("/dev/inbox/mail_of_others", "/dev/inbox/mail_of_others/as-sent"):
            answer = browser.get(path)
            assert answer.status_code == 404
            assert "There is no such mail" in answer.text


def test_outside_development_there_is_no_inbox(tmp_path: Path) -> None:
    with running_server(tmp_path, development=False) as server, server.browser() as browser:
        assert browser.get("/dev/inbox").status_code == 404
        assert "Development server" not in browser.get("/sign-in").text
