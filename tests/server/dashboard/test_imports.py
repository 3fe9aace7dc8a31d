"""People from a file: checked first, then taken in while one watches."""

import tempfile
import time
from pathlib import Path

import httpx2
import pytest

from tests.clocks import Clock
from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import SAME_ORIGIN, Office, Seat
from vestibule.server.dashboard.uploads import PREFIX
from vestibule.server.identity.passwords import verify_password
from vestibule.server.identity.users import create_user, find_user_by_email

NEW = "/dashboard/imports/new"
BCRYPT = "$2b$04$zCSbYbOqjiSzyJG0yMzSMOBq5dIfNDW3WHfxP5FKCzCxJ8XKBN1Bq"
FILE = b"""email,first_name,email_verified,metadata.plan
ada@acme.com,Ada,true,team
grace@acme.com,Grace,maybe,
not-an-address,=cmd,,
"""


def send(
    seat: Seat, content: bytes = FILE, *, csrf: str | None = None, kind: str = "csv", **more: str
) -> httpx2.Response:
    return seat.client.post(
        NEW,
        data={"csrf": seat.csrf if csrf is None else csrf, "kind": kind, **more},
        files={"file": ("people.csv", content)},
        headers=SAME_ORIGIN,
    )


def finished(seat: Seat, sent: httpx2.Response) -> tuple[str, str]:
    """Where the import is shown, and its page once nothing is under way."""
    assert sent.status_code == 303, sent.text
    where = sent.headers["location"]
    for _ in range(300):
        page = seat.read(where)
        if "data-refresh" not in page:
            return where, page
        assert '<meta http-equiv="refresh"' in page  # without a script
        time.sleep(0.1)
    raise AssertionError("the import does not end")


@pytest.fixture(autouse=True)
def directory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def left_files() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def test_a_file_is_checked_first_and_taken_in_afterwards(office: Office, operator: Operators) -> None:
    admin, before = operator("admin"), left_files()
    where, page = finished(admin, send(admin))
    assert "nothing was kept" in page, page[-2500:]
    assert "email_verified is neither true nor false" in page
    assert find_user_by_email(office.identity, "ada@acme.com") is None
    _, page = finished(admin, admin.post(f"{where}/run"))
    assert "Everything is taken in, but for the rows below" in page
    ada = find_user_by_email(office.identity, "ada@acme.com")
    assert ada is not None
    assert (ada.first_name, ada.email_verified, ada.metadata) == ("Ada", True, {"plan": "team"})
    assert left_files() == before
    assert admin.post(f"{where}/run").status_code == 422  # the file is gone
    assert "over already" in admin.post(f"{where}/cancel").text
    made = next(each for each in office.events("user.created") if each.data["email"] == ada.email)
    assert made.context is not None
    assert made.context["actor"]["name"] == "admin@example.com"
    names = [each.event for each in office.events("import.created", "import.finished")]
    assert names == ["import.finished", "import.created"] * 2


def test_AD_1_what_was_refused_comes_as_csv_without_formulas(operator: Operators) -> None:
    admin = operator("admin")
    evil = b"email,first_name\n=HYPERLINK(1),x\n"
    where, _ = finished(admin, send(admin, evil))
    lines = operator("auditor").get(f"{where}/problems.csv").text.splitlines()
    assert lines[0] == "line,who,reason"
    assert lines[1].startswith("2,'=HYPERLINK(1),")


def test_lines_of_json_bring_passwords_too(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    lines = b'{"email": "ada@acme.com", "password_hash": "%s", "metadata": {"a": "b"}}\n[]\n'
    _, page = finished(admin, send(admin, lines % BCRYPT.encode(), kind="json", for_real="on"))
    assert "not an object" in page
    ada = find_user_by_email(office.identity, "ada@acme.com")
    assert ada is not None
    assert ada.metadata == {"a": "b"}


def test_the_same_file_twice_does_no_harm(office: Office, operator: Operators) -> None:
    create_user(office.identity, email="ada@acme.com", first_name="Augusta")
    admin = operator("admin")
    finished(admin, send(admin, for_real="on"))
    ada = find_user_by_email(office.identity, "ada@acme.com")
    assert ada is not None
    assert ada.first_name == "Augusta"


def test_a_file_far_beyond_the_usual_limit_comes_whole(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    padding = b"x" * 3_000
    rows = b"".join(b"p%d@acme.com,%s\n" % (number, padding) for number in range(400))
    _, page = finished(admin, send(admin, b"email,metadata.note\n" + rows))
    assert '<dd class="stat-value">400</dd>' in page


@pytest.mark.parametrize("wrong", [{"kind": "exe"}, {"content": b""}])
def test_a_wrong_upload_is_explained_and_leaves_nothing(operator: Operators, wrong: dict[str, str]) -> None:
    before = left_files()
    assert send(operator("admin"), **wrong).status_code == 422  # type: ignore[arg-type]
    assert left_files() == before


def test_a_header_that_is_wrong_ends_the_import(operator: Operators) -> None:
    admin = operator("admin")
    _, page = finished(admin, send(admin, b"mail\nada@acme.com\n"))
    assert "no column 'mail'" in page
    assert tempfile.gettempdir() not in page


def endless(chunk: bytes, boundary: bytes, csrf: str | None) -> object:
    """A body of which most is never to be read."""

    def parts() -> object:
        if csrf is not None:
            yield b'--%s\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n%s\r\n' % (
                boundary,
                csrf.encode(),
            )
        yield b'--%s\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n' % boundary
        for _ in range(200):
            yield chunk

    return parts()


@pytest.mark.parametrize("who", ["support", "stranger", "forged", "elsewhere"])
def test_CS_1_who_may_not_is_refused_before_the_file_is_read(
    office: Office, operator: Operators, who: str
) -> None:
    seat = office.stranger() if who == "stranger" else operator("support" if who == "support" else "admin")
    before = left_files()
    headers = {"content-type": "multipart/form-data; boundary=line", **SAME_ORIGIN}
    if who == "elsewhere":
        headers["sec-fetch-site"] = "cross-site"
    csrf = None if who == "forged" else seat.csrf
    began = time.monotonic()
    try:
        answer = seat.client.post(NEW, content=endless(b"a" * 65_536, b"line", csrf), headers=headers)
        assert answer.status_code == 403
    except httpx2.HTTPError:
        pass  # the server had hung up before all was sent: as good as its answer
    assert time.monotonic() - began < 20
    assert left_files() == before
    assert office.events("import.created") == []


def test_who_signed_in_long_ago_is_asked_again_first(operator: Operators, clock: Clock) -> None:
    admin = operator("admin")
    clock.advance(minutes=11)
    assert send(admin).headers["location"].startswith("/continue")
    assert admin.get(NEW).headers["location"].startswith("/continue")


def test_a_password_from_elsewhere_signs_in(office: Office, operator: Operators) -> None:
    import bcrypt

    hashed = bcrypt.hashpw(b"seven green bottles", bcrypt.gensalt(4)).decode()
    admin = operator("admin")
    content = f"email,email_verified,password_hash\nada@acme.com,true,{hashed}\n".encode()
    finished(admin, send(admin, content, for_real="on"))
    assert verify_password(office.identity, "ada@acme.com", "seven green bottles").email == "ada@acme.com"
