"""Every answer held against the published interface: `tests/vectors/open-api-spec.json` is its part that this
server implements, without descriptions and examples."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from openapi_schema_validator import OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from vestibule.server.identity.event_names import OWN

FILE = Path(__file__).parents[2] / "vectors" / "open-api-spec.json"
URI = "urn:specification"
# What an operation says besides what is declared for it.
MORE = {
    "/organization_domains": {"post": (404,)},  # an unknown organization
    "/user_management/invitations": {"post": (403, 429)},  # a role above the inviter's
    "/user_management/invitations/{id}/resend": {"post": (429,)},
    "/user_management/sessions/revoke": {"post": (404,)},
}
# Said by every operation and declared by none.
EVERYWHERE = frozenset({400, 401, 405, 413, 415, 422, 429})
OUR_OWN_CODES = frozenset(
    {
        "idempotency_key_reused",
        "idempotency_key_in_use",
        "invalid_json",
        "invalid_form",
        "unsupported_grant_type",  # RFC 6749 §5.2
    }
)


@cache
def specification() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(FILE.read_text())
    return data


@cache
def registry() -> Registry[Any]:
    return Registry().with_resource(URI, Resource(specification(), DRAFT202012))


@cache
def patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Fixed paths before those with parameters."""
    paths = sorted(specification()["paths"], key=lambda path: (path.count("{"), path))
    return tuple((re.compile(re.sub(r"{\w+}", "[^/]+", path)), path) for path in paths)


def template_of(path: str) -> str | None:
    return next((template for pattern, template in patterns() if pattern.fullmatch(path)), None)


def check(response: httpx2.Response) -> None:
    """For `event_hooks`: an answer that the interface does not allow fails the test that got it."""
    response.read()
    template = template_of(response.request.url.path)
    method = response.request.method.lower()
    if template is None or method not in specification()["paths"][template]:
        return
    problems = list(problems_of(response, template, method))
    assert not problems, (
        f"{method.upper()} {template} {response.status_code}: {problems} {response.text[:500]}"
    )


def problems_of(response: httpx2.Response, template: str, method: str) -> Iterator[str]:
    if not response.headers.get("x-request-id", "").startswith("req_"):
        yield "no X-Request-ID"
    declared = specification()["paths"][template][method]["responses"]
    status = str(response.status_code)
    if status not in declared:
        more = (*MORE.get(template, {}).get(method, ()), *([404] if "{" in template else []))
        if response.status_code not in {*EVERYWHERE, *more} and not is_our_own(response):
            yield f"status {status} is not among {sorted(declared)}"
        return
    schema = declared[status].get("content", {}).get("application/json", {}).get("schema")
    if schema is None or is_our_own(response):
        return
    pointer = f"{URI}#/paths/{escape(template)}/{method}/responses/{status}/content/application~1json/schema"
    data = without_our_own_events(response.json())
    for error in OAS31Validator({"$ref": pointer}, registry=registry()).iter_errors(data):
        yield f"{error.json_path}: {error.message[:300]}"


def without_our_own_events(data: Any) -> Any:
    """The interface lists its events; ours are beside them, by names that it does not have."""
    if not isinstance(data, dict) or data.get("object") != "list":
        return data
    return data | {"data": [each for each in data["data"] if each.get("event") not in OWN]}


def is_our_own(response: httpx2.Response) -> bool:
    data = response.json() if response.content else {}
    return isinstance(data, dict) and (data.get("code") or data.get("error")) in OUR_OWN_CODES


def escape(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
