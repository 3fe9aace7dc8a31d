"""Request bodies: read once, typed, and every problem reported in one 422."""

from functools import cache
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

from vestibule.server.answers import Malformed
from vestibule.server.identity.errors import Invalid

__all__ = ["UNSET", "Body", "Line", "Secret", "Text", "Unset", "field", "given", "read_body"]

B = TypeVar("B", bound="Body")
MAX_FORM_FIELDS: Final = 64

Unset = UnsetType
# `(?![\s\S])`: a plain `$` would let one newline pass at the end.
Line = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f\u2028\u2029]*$(?![\s\S])", max_length=1_000)]
"""Text on one line: names and addresses end up in mail headers."""
Text = Annotated[str, Meta(pattern=r"^[^\x00]*$(?![\s\S])", max_length=8_192)]
Secret = Annotated[str, Meta(max_length=8_192)]
"""Taken exactly as it comes."""


class Body(Struct, kw_only=True):
    """What an operation is sent. Unknown members are ignored: SDKs are ahead of every server."""


def given(body: Body) -> dict[str, Any]:
    """The members that were sent, null ones included."""
    return {name: value for name in body.__struct_fields__ if (value := getattr(body, name)) is not UNSET}


def read_body(shape: type[B], content: bytes, *, content_type: str, forms: bool) -> B:
    if not content and not any(member.required for member in _members(shape)):
        return shape()
    kind = content_type.partition(";")[0].strip().lower()
    if forms and kind == "application/x-www-form-urlencoded":
        return _convert(shape, _read_form(content))
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Malformed("Send the body as application/json.", code="unsupported_media_type", status=415)
    return _convert(shape, _read_json(content))


def _read_json(content: bytes) -> dict[str, Any]:
    try:
        data = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed("The body is not valid JSON.", code="invalid_json", status=400) from None
    if not isinstance(data, dict):
        raise Malformed("The body must be a JSON object.", code="invalid_json", status=400)
    return data


def _read_form(content: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            content.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS, errors="strict"
        )
    except ValueError:
        raise Malformed("The body is not a valid form.", code="invalid_form", status=400) from None
    data = dict(pairs)
    if len(data) != len(pairs):  # RFC 6749 §3.2: parameters must not be included more than once
        raise Malformed("A parameter was sent more than once.", code="invalid_form", status=400)
    return data


@cache
def _members(shape: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(shape)


def _convert(shape: type[B], data: dict[str, Any]) -> B:
    values: dict[str, Any] = {}
    errors: list[dict[str, str]] = []
    for member in _members(shape):
        name = member.encode_name
        if name not in data:
            if member.required:
                errors.append({"field": name, "code": f"{name}_required", "message": f"{name} is required."})
            continue
        try:
            values[member.name] = msgspec.convert(data[name], member.type)
        except msgspec.ValidationError as error:
            errors.append({"field": name, "code": f"{name}_invalid", "message": _explain(name, error)})
    if errors:
        raise Invalid(errors=errors)
    return shape(**values)


def _explain(name: str, error: msgspec.ValidationError) -> str:
    """msgspec quotes what it expected, never the value that came."""
    reason = str(error).partition(" - at ")[0]
    if "matching regex" in reason:
        reason = "Expected text without line breaks or control characters"
    return f"{name}: {reason}."
