"""What toolkits elsewhere got wrong."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.security.sites import Site
from tests.session.browser import open_browser
from vestibule.crypto.encoding import b64url_encode
from vestibule.crypto.jwt import verify
from vestibule.crypto.keys import parse_key_set
from vestibule.crypto.seal import seal, unseal
from vestibule.crypto.signing import create_signing_key, key_id, public_jwk, sign
from vestibule.crypto.strict_json import parse_object
from vestibule.errors import SealError, TokenError
from vestibule.testing.issuer import create_config

ROOT = Path(__file__).parents[2]
NOW = 1_767_268_800.0
KEY = create_signing_key()
KEYS = parse_key_set(b'{"keys":[%s]}' % json.dumps(public_jwk(KEY)).encode())
CLAIMS = {
    "iss": "https://id.example.com",
    "aud": "client_1",
    "sub": "user_1",
    "sid": "session_1",
    "iat": int(NOW),
    "exp": int(NOW) + 300,
}
GOOD = sign(CLAIMS, KEY, kid=key_id(KEY))
PASSWORD = create_config().cookie_passwords[0]
SEALED = seal({"accessToken": "x"}, PASSWORD)


def edits(text: str) -> st.SearchStrategy[str]:
    """`text` with a piece replaced by something else."""
    place = st.integers(0, len(text))
    return st.builds(
        lambda start, length, piece: text[:start] + piece + text[start + length :],
        place,
        st.integers(0, 12),
        st.text(max_size=12),
    )


@given(token=st.one_of(st.text(max_size=200), edits(GOOD)))
def test_reg_CVE_2026_28498_what_is_not_known_to_be_good_is_refused(token: str) -> None:
    try:
        claims = verify(token, KEYS, now=NOW, issuers=[CLAIMS["iss"]], audience="client_1")
    except TokenError:
        assert token != GOOD
    else:
        assert token == GOOD
        assert claims == CLAIMS


@given(text=st.one_of(st.text(max_size=200), edits(SEALED)))
def test_reg_CVE_2026_28498_a_seal_opens_or_is_refused(text: str) -> None:
    try:
        content = unseal(text, PASSWORD)
    except SealError:
        assert text != SEALED
    else:
        assert content == {"accessToken": "x"}
        assert text.split("*")[:-1] == SEALED.split("*")[:-1] or text == SEALED


@given(header=st.dictionaries(st.text(max_size=8), st.one_of(st.none(), st.booleans(), st.text(max_size=8))))
def test_reg_CVE_2026_28498_no_unknown_header_passes(header: dict[str, object]) -> None:
    encoded = b64url_encode(json.dumps(header).encode())
    with pytest.raises(TokenError):
        verify(
            ".".join([encoded, *GOOD.split(".")[1:]]),
            KEYS,
            now=NOW,
            issuers=[CLAIMS["iss"]],
            audience="client_1",
        )
    assert parse_object(json.dumps(header).encode()) == header


@pytest.mark.parametrize("url", [None, "https://other.example.com"])
def test_reg_authkit_react_router_69_a_session_of_another_client_or_server_is_none(url: str | None) -> None:
    here = open_browser()
    settings = {"client_id": "client_other"} if url is None else {"url": url}
    there = open_browser(**settings)
    there.issuer.rotate_key()
    there.sign_in()
    sealed_there = there.jar["wos-session"]
    here.jar["wos-session"] = sealed_there
    here.issuer.refuse("invalid_grant")
    assert here.session() is None


HOSTILE = (
    "client_id=evil&redirect_uri=https://evil.example/&response_type=token&state=x&code_challenge=x&scope=all"
)


def test_reg_Kratos_26_2_19_only_known_parameters_are_passed_on(site: Site) -> None:
    with site.browser() as browser:
        begun = browser.get(f"/auth/sign-in?{HOSTILE}&login_hint=ada@example.com&evil=1")
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["client_id"] == [site.issuer.config.client_id]
    assert asked["redirect_uri"] == [f"{site.url}/auth/callback"]
    assert asked["response_type"] == ["code"]
    assert asked["login_hint"] == ["ada@example.com"]
    assert asked["state"] != ["x"]
    assert asked["code_challenge"] != ["x"]
    assert not {"evil", "scope"} & set(asked)


def test_reg_CVE_2017_1000433_no_check_is_an_assert() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assert)
    ]
    assert found == []


# A check, and what is left when somebody takes it out.
CHECKS = {
    "session/verifier.py": ("not hmac.compare_digest(_bytes(state), _bytes(cookie_value))", "False"),
    "session/core.py": ("            incoming.is_safe\n", "            True\n"),
}


@pytest.mark.slow
@pytest.mark.verify
@pytest.mark.parametrize("adapter", ["fastapi", "flask"])
@pytest.mark.parametrize("file", [None, *CHECKS])
def test_reg_CVE_2025_14546_without_a_check_tests_of_each_adapter_fail(
    tmp_path: Path, file: str | None, adapter: str
) -> None:
    for folder in ("src", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    if file is not None:
        changed, (check, nothing) = tmp_path / "src" / "vestibule" / file, CHECKS[file]
        assert changed.read_text().count(check) == 1
        changed.write_text(changed.read_text().replace(check, nothing))
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-k", f"{adapter} and (PS_1 or CS_1)", "tests/security/test_apps.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path / 'src'}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (0 if file is None else 1), done.stdout[-3000:]
