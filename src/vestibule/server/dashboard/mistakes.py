"""What a rule refused, as a form shows it: below the input it belongs to, or above them all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vestibule.server.dashboard.desk import explain
from vestibule.server.identity.errors import Conflict, Denied, Forbidden, IdentityError, Invalid, NotFound

REFUSALS: Final = (Invalid, Denied, Conflict, Forbidden, NotFound)
"""What an operator can do something about at the form itself."""


@dataclass(frozen=True, slots=True)
class Mistakes:
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


NONE: Final = Mistakes()


def mistakes(error: IdentityError, fields: Mapping[str, str] | None = None) -> Mistakes:
    """`fields` says by error code which input is meant, where the rule does not."""
    by_field, loose = explain(error) if isinstance(error, Invalid) else ({}, error.message)
    if loose and fields and error.code in fields:
        return Mistakes({**by_field, fields[error.code]: _sentence(loose)})
    return Mistakes({name: _sentence(text) for name, text in by_field.items()}, _sentence(loose))


def _sentence(text: str) -> str:
    """Rules speak of fields as the API calls them: `external_id must …`."""
    first, _, rest = text.partition(" ")
    if not first.replace("_", "").isalpha() or not first.islower():
        return text
    return f"{first.replace('_', ' ').capitalize()} {rest}"
