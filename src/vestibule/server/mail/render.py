"""From a kind of mail and its data to subject, text and HTML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

KINDS: Final = (
    "already_registered",
    "email_change_code",
    "email_change_requested",
    "email_changed",
    "invitation",
    "magic_code",
    "password_changed",
    "reset_password",
    "security_notice",
    "verify_email",
)


@dataclass(frozen=True, slots=True)
class Message:
    """Carries codes and links: never logged."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


def render(kind: str, data: Mapping[str, Any]) -> Message:
    """`templates/mail/<kind>.txt` begins with the subject line; `<kind>.html` is the same letter, dressed."""
    if kind not in KINDS:
        raise ValueError(f"there is no mail of the kind {kind!r}")
    templates = _templates()
    subject, _, text = templates.get_template(f"mail/{kind}.txt").render(data).partition("\n")
    # A line break would begin another header (HI-1).
    subject = " ".join(subject.split())
    html = templates.get_template(f"mail/{kind}.html").render({**data, "subject": subject})
    return Message(subject, text.strip() + "\n", html)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("vestibule.server", "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
