"""What the identity server says, asked without beginning anything."""

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

from vestibule.cli.doctor.asking import Answer
from vestibule.cli.doctor.findings import Finding, Status, error, ok, unknown, warning
from vestibule.cli.doctor.subject import Subject
from vestibule.crypto.keys import parse_key_set
from vestibule.errors import Unreachable
from vestibule.session.config import Config
from vestibule.session.urls import authorization_url
from vestibule.wire.paths import jwks_path

DISCOVERY: Final = "/.well-known/openid-configuration"
# Refused by every server, after it has looked at client and redirect URI: no sign-in begins.
NO_RESPONSE: Final = "doctor"
NO_SETTINGS: Final = "The settings name no server that can be asked."
SMALL_SKEW, GREAT_SKEW = 5.0, 60.0


def server(subject: Subject) -> Finding:
    config = subject.asked
    if config is None:
        return unknown(NO_SETTINGS, "Mend the settings first.")
    try:
        answer = _discovery(subject, config)
    except Unreachable as silence:
        if subject.embedded:
            return unknown("The identity server is inside the app, which does not run.", "Start the app.")
        return error(f"{config.url}: {silence.message}", f"`curl -I {config.url}`; is VESTIBULE_URL right?")
    return ok(f"{config.url} answers ({answer.status}).")


def clock(subject: Subject) -> Finding:
    config = subject.asked
    if config is None:
        return unknown(NO_SETTINGS, "Mend the settings first.")
    try:
        answer = _discovery(subject, config)
    except Unreachable:
        return unknown("The server does not answer.", "Compare `date -u` on both machines.")
    skew = skew_of(answer)
    if skew is None:
        return unknown("The server does not say what time it is.", "Compare `date -u` on both machines.")
    text = f"This machine is {abs(skew):.0f} s {'behind' if skew > 0 else 'ahead of'} the server"
    if abs(skew) > GREAT_SKEW:
        return error(f"{text}: tokens seem expired, or from the future.", "timedatectl set-ntp true")
    if abs(skew) > SMALL_SKEW:
        return warning(f"{text}.", "timedatectl set-ntp true")
    return ok("The clocks agree.")


def skew_of(answer: Answer) -> float | None:
    """Seconds the server is ahead; 0 where its whole second may lie between question and answer."""
    try:
        moment = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        return None
    if moment > answer.answered_at:
        return moment - answer.answered_at
    return min(0.0, moment + 1 - answer.asked_at)


def key_set(subject: Subject) -> Finding:
    config = subject.asked
    if config is None:
        return unknown(NO_SETTINGS, "Mend the settings first.")
    try:
        answer = subject.asking.get(config.url + jwks_path(config.client_id), accept="application/json")
    except Unreachable as silence:
        return _unasked(subject, f"The key set: {silence.message}")
    if answer.status != 200:
        mend = "Compare VESTIBULE_CLIENT_ID with what the server printed."
        return error(f"The key set of {config.client_id} answers {answer.status}.", mend)
    try:
        keys = parse_key_set(answer.response.body).keys
    except ValueError as bad:
        return error(f"What answers for the key set is none: {bad}.", "Is VESTIBULE_URL the identity server?")
    if not keys:
        return error("The key set has no usable RS256 key.", "vestibule keys rotate")
    return ok(f"{len(keys)} RS256 key(s), {_age(answer.headers)}.")


def _age(headers: Mapping[str, str]) -> str:
    kept = f"to be kept as: {headers['cache-control']}" if "cache-control" in headers else "not to be kept"
    return f"{kept}, {headers['age']} s old in a cache on the way" if headers.get("age", "0") != "0" else kept


def _unasked(subject: Subject, text: str) -> Finding:
    """An outage is one error, told by `server`."""
    if server(subject).status is Status.OK:
        return error(text, "Ask again.")
    return unknown(text, "Mend `server` first.")


def issuer(subject: Subject) -> Finding:
    config = subject.asked
    if config is None:
        return unknown(NO_SETTINGS, "Mend the settings first.")
    try:
        answer = _discovery(subject, config)
    except Unreachable:
        return unknown("The server does not answer.", "Mend `server` first.")
    said = _object(answer).get("issuer") if answer.status == 200 else None
    if not isinstance(said, str):
        return unknown(
            f"{config.url} does not publish who it is ({answer.status}).", "Compare `iss` of a token."
        )
    if said not in config.issuers:
        return error(
            f"The server calls itself {said}, and tokens are taken from {', '.join(config.issuers)} only.",
            f"`export VESTIBULE_URL={said}`, or VESTIBULE_ISSUER={said} if both are right",
        )
    return ok(f"The server is {said}.")


def client_id(subject: Subject) -> Finding:
    config = subject.asked
    if config is None or not subject.is_set("client_id"):
        return unknown("There is no client ID to ask about.", "Mend the settings first.")
    verdict, _ = _authorize(subject, config)
    if verdict in ("registered", "invalid_redirect_uri"):
        return ok(f"The server knows {config.client_id}.")
    if verdict == "invalid_client":
        return error(
            f"The server does not know {config.client_id}.",
            "export VESTIBULE_CLIENT_ID=… as `vestibule serve` prints it",
        )
    return unknown("The server does not say.", "Begin a sign-in in a browser.")


def redirect_uri(subject: Subject) -> Finding:
    config = subject.asked
    if config is None or not (subject.is_set("client_id") and subject.is_set("redirect_uri")):
        return unknown("Client ID or redirect URI are not set.", "Mend the settings first.")
    uri = config.callback_url()
    verdict, said = _authorize(subject, config)
    if verdict == "registered":
        return ok(f"{uri} is registered.")
    if verdict == "invalid_redirect_uri":
        return error(f"{uri} is not registered at the server.", _register(config, uri))
    if verdict == "invalid_client":
        return unknown(
            "The server does not know the client, so it says nothing about this.", "Mend `client_id` first."
        )
    return unknown(f"The server does not say ({said}).", "Begin a sign-in in a browser.")


def _register(config: Config, uri: str) -> str:
    body = json.dumps({"uri": uri})
    address = f"{config.url}/user_management/redirect_uris"
    return f"curl -X POST {address} -H \"Authorization: Bearer $VESTIBULE_API_KEY\" --json '{body}'"


def _authorize(subject: Subject, config: Config) -> tuple[str, str]:
    """Both answers stand in one: an error sent back to the redirect URI means that client and address are
    good; a page that they are not."""
    url = authorization_url(
        config.url, client_id=config.client_id, redirect_uri=config.callback_url(), state="doctor"
    )
    try:
        answer = subject.asking.get(url.replace("response_type=code", f"response_type={NO_RESPONSE}"))
    except Unreachable as silence:
        return "silent", silence.message
    location = answer.headers.get("location", "")
    if 300 <= answer.status < 400:
        back = _without_query(location) == _without_query(config.callback_url())
        return (
            "registered" if back and "error=" in location else "elsewhere"
        ), f"it redirects, {answer.status}"
    for verdict in ("invalid_redirect_uri", "invalid_client"):
        if verdict in answer.text:
            return verdict, verdict
    return "unclear", f"it answers {answer.status}"


def api_key(subject: Subject) -> Finding:
    config = subject.asked
    if config is None:
        return unknown(NO_SETTINGS, "Mend the settings first.")
    if subject.embedded:
        return ok("The server is inside the app, which needs no key to ask it.")
    if config.api_key is None:
        return ok("There is none: this is a public client.")
    try:
        authorization = f"Bearer {config.api_key}"
        answer = subject.asking.get(f"{config.url}/organizations?limit=1", authorization=authorization)
    except Unreachable:
        return unknown("The server does not answer.", "Mend `server` first.")
    if answer.status == 401:
        return error("The server does not take the API key.", "vestibule keys create NAME")
    if answer.status == 200:
        return ok("The server takes the API key.")
    return unknown(f"The server answers {answer.status}.", "Ask again later.")


def is_vestibule(subject: Subject) -> bool:
    """Whether the server describes itself as ours does: by the routes that only ours has together."""
    if subject.embedded:
        return True
    config = subject.asked
    if config is None:
        return False
    try:
        described = _object(_discovery(subject, config))
    except Unreachable:
        return False
    return (
        described.get("token_endpoint") == f"{config.url}/oauth2/token"
        and described.get("device_authorization_endpoint") == f"{config.url}/oauth2/device_authorization"
        and described.get("end_session_endpoint") == f"{config.url}/oauth2/logout"
    )


def _discovery(subject: Subject, config: Config) -> Answer:
    return subject.asking.get(config.url + DISCOVERY, accept="application/json")


def _object(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.response.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _without_query(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return (parts.scheme, parts.netloc, parts.path)
