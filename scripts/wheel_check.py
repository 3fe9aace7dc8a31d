"""Run by the Python of an environment that holds the wheel and nothing else: serve, sign in twice, stop.

Once as a browser without JavaScript through the hosted pages, once through the API with a password. Ends
with 1 and a sentence at the first thing that is not as it should be.
"""

import base64
import hashlib
import json
import re
import secrets
import signal
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2

import vestibule
from vestibule.session.scripts import CLIENT

REDIRECT_URI = "http://localhost:8000/callback"


class Page(HTMLParser):
    """The first form of a page with its fields, its first button pressed, the page's style and its files."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__()
        self.address = str(response.url)
        self.action = self.address
        self.fields: dict[str, str] = {}
        self.files: list[str] = []
        self.style = ""
        self.forms = 0
        self._in_style = False
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms += 1
            if self.forms == 1:
                self.action = urljoin(self.address, given.get("action") or self.address)
        elif tag in ("input", "button") and self.forms == 1 and "name" in given:
            self.fields.setdefault(given["name"], given.get("value", ""))  # of several buttons, the first
        elif tag == "script" or (tag == "link" and given.get("rel") in ("stylesheet", "icon")):
            self.files.append(urljoin(self.address, given.get("src") or given.get("href") or ""))
        self._in_style = tag == "style"

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.style += data


def expect(truth: object, sentence: str) -> None:
    if not truth:
        raise SystemExit(f"wheel-check: {sentence}")
    print(f"ok: {sentence}", flush=True)


def sign_in_through_pages(
    browser: httpx2.Client, server: dict[str, str], user: dict[str, str]
) -> dict[str, object]:
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "client_id": server["client_id"],
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "state": "from-the-wheel",
        "provider": "authkit",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    response = walk(browser, browser.get(f"{server['url']}/user_management/authorize", params=query))
    page = Page(response)
    expect(
        response.status_code == 200 and page.forms, "the authorization request leads to a page with a form"
    )
    expect(":root" in page.style, "the page's style sheet is in the wheel")
    found = [browser.get(address).status_code for address in page.files]
    expect(found and set(found) == {200}, "the page's script and picture are in the wheel")
    for _step in range(4):  # address, password, organization: each may have a page of its own
        values = dict(page.fields)
        values.update({"email": user["email"]} if "email" in values else {})
        values.update({"password": user["password"]} if "password" in values else {})
        response = walk(browser, browser.post(page.action, data=values))
        if response.has_redirect_location:
            break
        page = Page(response)
    location = response.headers.get("location", "")
    expect(location.startswith(REDIRECT_URI + "?"), "the hosted pages lead back to the app")
    answer = parse_qs(urlsplit(location).query)
    expect(answer.get("state") == ["from-the-wheel"], "the state comes back as it was sent")
    return authenticate(
        browser,
        server,
        {"grant_type": "authorization_code", "code": answer["code"][0], "code_verifier": verifier},
    )


def walk(browser: httpx2.Client, response: httpx2.Response) -> httpx2.Response:
    """Follow redirects inside the server, and stop where one leaves it."""
    for _hop in range(10):
        if not response.has_redirect_location:
            return response
        target = urljoin(str(response.url), response.headers["location"])
        if urlsplit(target).netloc != urlsplit(str(response.url)).netloc:
            return response
        response = browser.get(target)
    raise SystemExit("wheel-check: the pages redirect in a circle")


def authenticate(browser: httpx2.Client, server: dict[str, str], grant: dict[str, str]) -> dict[str, object]:
    response = browser.post(
        f"{server['url']}/user_management/authenticate",
        json={"client_id": server["client_id"], "client_secret": server["api_key"], **grant},
    )
    answer = dict(response.json()) if response.content else {}
    if answer.get("code") == "organization_selection_required":
        chosen = {
            "grant_type": "urn:workos:oauth:grant-type:organization-selection",
            "pending_authentication_token": answer["pending_authentication_token"],
            "organization_id": answer["organizations"][0]["id"],
        }
        return authenticate(browser, server, chosen)
    if response.status_code != 200:
        raise SystemExit(
            f"wheel-check: the token endpoint answered {response.status_code}: {response.text[:300]}"
        )
    return answer


def check(server: dict[str, str], user: dict[str, str]) -> None:
    expect("createClient" in CLIENT.read_text("utf-8"), "the browser client is in the wheel")
    with httpx2.Client(follow_redirects=False, timeout=20) as browser:
        expect(
            browser.get(f"{server['url']}/readyz").status_code == 200,
            "the database was migrated and is ready",
        )
        tokens = sign_in_through_pages(browser, server, user)
        expect(
            re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", str(tokens["access_token"])),
            "a code became an access token",
        )
        tokens = authenticate(browser, server, {"grant_type": "password", **user})
        expect(tokens["user"]["email"] == user["email"], "the password grant signs the demo user in")  # type: ignore[index]
        tokens = authenticate(
            browser, server, {"grant_type": "refresh_token", "refresh_token": str(tokens["refresh_token"])}
        )
        expect(tokens["refresh_token"], "the session refreshes")


def main(checkout: str) -> None:
    home = Path(str(vestibule.__file__)).resolve()
    expect(not home.is_relative_to(checkout), "vestibule is imported from the environment, not the checkout")
    import vestibule.fastapi as adapter

    expect(adapter.Auth, "the FastAPI adapter imports")
    command = [str(Path(sys.executable).with_name("vestibule")), "serve", "--json", "--port", "0"]
    log = Path("server.log")
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            ready = json.loads((process.stdout and process.stdout.readline()) or "{}")
            expect(
                {"url", "api_key", "client_id", "demo_user"} <= set(ready),
                "`vestibule serve --json` says it is ready",
            )
            check(ready, ready["demo_user"])
        except BaseException:
            print(log.read_text("utf-8"), file=sys.stderr)
            raise
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(timeout=20)
    expect(code in (0, 130, -signal.SIGINT), f"the server stops when interrupted (exit code {code})")


if __name__ == "__main__":
    main(sys.argv[1])
