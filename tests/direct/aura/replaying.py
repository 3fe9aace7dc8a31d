"""A recorded reply and ours, part by part."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey

from tests.direct.aura.stage import HTTP, Answer, Stage
from vestibule.cookies import parse_cookies
from vestibule.crypto.encoding import b64url_decode
from vestibule.direct.aura.tokens import decode_claims
from vestibule.flow import HttpResponse

# The cookies of a sign-in under way: ours is one, sealed, and bound to its state.
FLOW = ("state", "redirect_uri", "redirect_to", "code_verifier", "nonce")
FRESH = frozenset({"state", "nonce", "code_challenge"})
PROSE = frozenset({"message", "details", "hint", "authenticated"})


def replay(stage: Stage, case: dict[str, Any]) -> Answer:
    stage.now = case["clock"]
    request = case["request"]
    headers = dict(request["headers"])
    body = request["body"]
    return stage.ask(request["method"], request["url"], headers={"cookie": "", **headers}, body=body)


def differences(case: dict[str, Any], answer: Answer) -> set[str]:
    """Among `status`, `body`, `location` and `cookies`."""
    recorded = case["response"]
    found = set()
    if recorded["status"] != answer.status:
        found.add("status")
    theirs = recorded["body"].get("json") if isinstance(recorded["body"], dict) else None
    if _plain(theirs) != _plain(answer.json if answer.body.startswith(b"{") else None):
        found.add("body")
    location = next((value for name, value in recorded["headers"] if name == "location"), None)
    if _address(location) != _address(answer.location):
        found.add("location")
    if _cookies_of(recorded) != _our_cookies(answer):
        found.add("cookies")
    return found


def _plain(body: Any) -> Any:
    """Without prose and randomness. What is null and what is missing are the same to a script."""
    if isinstance(body, dict):
        kept = {name: _plain(value) for name, value in body.items() if name not in PROSE}
        return {name: value for name, value in kept.items() if value is not None}
    if isinstance(body, str):
        return "token" if body.startswith("eyJ") else _address(body)
    return [_plain(each) for each in body] if isinstance(body, list) else body


def _address(text: str | None) -> Any:
    if text is None or "/authorize?" not in text:
        return text
    parts = urlsplit(text)
    query = {name: ("new" if name in FRESH else value) for name, value in parse_qsl(parts.query)}
    return json.dumps([parts.netloc, parts.path, query], sort_keys=True)


def _cookies_of(recorded: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for cookie in recorded["set_cookies"]:
        name = cookie["name"].rpartition(".")[2]
        if name not in FLOW and ".access_token." not in cookie["name"]:
            found[cookie["name"]] = _attributes(cookie["attributes"])
    return found


def _our_cookies(answer: Answer) -> dict[str, Any]:
    return {
        name: _attributes(attributes)
        for name, (_, attributes) in answer.cookies.items()
        if not name.startswith("vestibule-oauth-")
    }


def _attributes(given: dict[str, Any]) -> dict[str, Any]:
    """`Max-Age` says only whether the cookie goes: how long it stays, the token says."""
    kept = {name: value for name, value in given.items() if name not in ("Expires", "Max-Age")}
    return {**kept, "goes": given.get("Max-Age") == "0"}


def replay_callback(stage: Stage, case: dict[str, Any]) -> Answer:
    """Begun with us, as the cookies of a sign-in are ours; then the recorded address with our state in it,
    the recorded answers of the provider, and whichever cookies the recording's browser still had."""
    url, held = case["request"]["url"], dict(case["request"]["headers"]).get("cookie", "")
    base = url.partition("/api/auth")[0] + "/api/auth"
    begun_at = url.partition("/callback/")[2].partition("?")[0]
    if "mixup" in case["id"] or begun_at == "nope":
        begun_at = "fake"
    begun = stage.ask("GET", f"{base}/signIn/{begun_at}?redirectTo=/dashboard")
    sent = dict(parse_qsl(urlsplit(begun.location or "").query))
    theirs = parse_cookies(held)
    state = next((value for name, value in theirs if name.endswith(".state")), None)
    for call in case.get("provider_calls", []):
        reply = call["reply"]
        body = reply["body"]
        if "id_token" in body:
            body = _reissued(body, theirs, sent)
        stage.replies[call["request"]["path"]] = HttpResponse(
            reply["status"], body.encode(), {"content-type": reply["content_type"]}
        )
    stage.now = case["clock"]
    # A damaged set of theirs is none of ours: it is sealed as one.
    whole = all(any(name.endswith(f".{part}") for name, _ in theirs) for part in FLOW[:4])
    cookies = stage.jar if whole else {}
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    url = url.replace(f"state={state}", f"state={sent['state']}") if state else url
    if not whole and "state=" in url and not state:
        url = f"{url.partition('state=')[0]}state={sent['state']}"
    return stage.ask("GET", url, headers={"cookie": header, "accept": "*/*"})


def _reissued(body: str, theirs: list[tuple[str, str]], sent: dict[str, str]) -> str:
    """With our nonce where the recording had its own, signed with the recorded key."""
    answer = json.loads(body)
    claims = decode_claims(b64url_decode(answer["id_token"].split(".")[1]))
    nonce = next((value for name, value in theirs if name.endswith(".nonce")), None)
    if claims.get("nonce") == nonce:
        claims["nonce"] = sent["nonce"]
    key = ECKey.import_key(HTTP["oidc_signing_key"]["priv"])
    header = {"alg": "ES256", "kid": "k1"}
    answer["id_token"] = jws.serialize_compact(header, json.dumps(claims).encode(), key)
    return json.dumps(answer)
