"""Asking a provider who somebody is, and once more for addresses where it takes a second call."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from vestibule.crypto.strict_json import parse_json
from vestibule.errors import ProviderError
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.oauth.answers import check, members_of
from vestibule.oauth.client import Client
from vestibule.oauth.profile import pick
from vestibule.oauth.provider import SLOT, EmailList, Provider, UserEndpoint
from vestibule.oauth.tokens import AGENT, Tokens

DEADLINE = 5.0
MAX_BYTES = 524_288
MAX_EMAILS = 200


def user_request(client: Client, where: UserEndpoint, tokens: Tokens, *, url: str) -> HttpRequest:
    """Safe to try twice: it changes nothing."""
    values = _values(client, tokens)
    query = {name: _filled(value, values) for name, value in where.query.items()}
    if where.appsecret_proof:
        # What only the app can make: a token stolen elsewhere is of no use here.
        digest = hmac.new(client.client_secret.encode(), tokens.access_token.encode(), hashlib.sha256)
        query["appsecret_proof"] = digest.hexdigest()
    address = _filled(url, {name: quote(value, safe="") for name, value in values.items()})
    if query:
        address += ("&" if urlsplit(address).query else "?") + urlencode(query)
    headers = _headers(where, values, tokens)
    form = {name: _filled(value, values) for name, value in where.form.items()}
    body = where.body.encode()
    if form:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        body = urlencode(form).encode()
    return HttpRequest(
        where.method, address, headers, body, attempts=2, deadline=DEADLINE, max_bytes=MAX_BYTES
    )


def emails_request(where: EmailList, tokens: Tokens) -> HttpRequest:
    headers = {
        "Accept": "application/json",
        "User-Agent": AGENT,
        "Authorization": f"Bearer {tokens.access_token}",
    }
    return HttpRequest("GET", where.url, headers, attempts=2, deadline=DEADLINE, max_bytes=MAX_BYTES)


def read_user(provider: Provider, where: UserEndpoint, response: HttpResponse) -> Mapping[str, object]:
    """Raises ProviderError or ProviderUnreachable."""
    body = members_of(response)
    check(provider, response, body, where.errors, what="the user endpoint")
    active = provider.profile.active
    if active is not None and pick(body, active[0]) not in (None, active[1]):
        raise ProviderError(
            f"This account is not active at {provider.name}.",
            provider=provider.id,
            side="person",
            code="provider_account",
            hint="Use another account, or ask whoever runs the provider.",
        )
    return body


def read_emails(where: EmailList, response: HttpResponse) -> tuple[str | None, bool]:
    """The primary address and whether it is verified. A provider that does not say has none: the scope for it
    may not have been granted."""
    if response.status != 200:
        return None, False
    listed = pick(_parsed(response.body), where.items)
    for entry in (listed if isinstance(listed, list) else [])[:MAX_EMAILS]:
        if pick(entry, where.primary) is True:
            email = pick(entry, "email")
            is_text = isinstance(email, str) and bool(email)
            return (str(email) if is_text else None), is_text and pick(entry, where.verified) is True
    return None, False


def _headers(where: UserEndpoint, values: Mapping[str, str], tokens: Tokens) -> dict[str, str]:
    headers = {"Accept": "application/json", "User-Agent": AGENT}
    if where.scheme is not None:
        headers["Authorization"] = f"{where.scheme} {tokens.access_token}".strip()
    return headers | {name: _filled(value, values) for name, value in where.headers.items()}


def _values(client: Client, tokens: Tokens) -> dict[str, str]:
    extra = {name: str(value) for name, value in tokens.extra.items() if isinstance(value, str | int)}
    return {**extra, "access_token": tokens.access_token, "client_id": client.client_id}


def _filled(text: str, values: Mapping[str, str]) -> str:
    return SLOT.sub(lambda match: values.get(match[1], ""), text)


def _parsed(body: bytes) -> object:
    try:
        return parse_json(body)
    except ValueError:
        return None
