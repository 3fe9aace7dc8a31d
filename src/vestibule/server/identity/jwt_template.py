"""Further claims of access tokens, from a template that is filled in for each session."""

import datetime as dt
import json
import logging
from collections.abc import Mapping
from typing import Any, Final, cast

from vestibule.server.identity.claims_template import Expression, Node, TemplateError, Text, parse, render
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound, OAuthDenied
from vestibule.server.identity.events import append, timestamp
from vestibule.server.identity.models import JwtTemplate, Session
from vestibule.server.identity.people import user_data
from vestibule.server.store.transaction import Transaction

log = logging.getLogger("vestibule.server.tokens")

MAX_CONTENT: Final = 8_192
MAX_RENDERED: Final = 3_072
REMEMBERED: Final = "jwt_template"

PROTOCOL: Final = frozenset({"iss", "sub", "exp", "iat", "nbf", "jti"})
OURS: Final = frozenset({"acr", "act", "auth_time", "client_id", "scope"})
"""What guards decide by, or what tells an impersonation: not a template's to say."""
TEXTS: Final = frozenset({"sid", "org_id", "role"})
LISTS: Final = frozenset({"roles", "permissions", "entitlements", "feature_flags"})

SHAPE: Final[Mapping[str, Any]] = {
    "user": dict.fromkeys(
        (
            *("object", "id", "email", "email_verified", "first_name", "last_name", "name", "locale"),
            *("profile_picture_url", "external_id", "last_sign_in_at", "created_at", "updated_at"),
        )
    )
    | {"metadata": {"*": None}},
    "organization": dict.fromkeys(
        (
            *("object", "id", "name", "external_id", "stripe_customer_id"),
            *("allow_profiles_outside_organization", "created_at", "updated_at"),
        )
    )
    | {
        "metadata": {"*": None},
        "domains": {"#": dict.fromkeys(("object", "id", "organization_id", "domain", "state"))},
    },
    "organization_membership": dict.fromkeys(("object", "id", "status", "created_at", "updated_at"))
    | {"role": {"slug": None}, "roles": {"#": {"slug": None}}, "custom_attributes": {"*": ...}},
}


def find_jwt_template(identity: Identity) -> JwtTemplate | None:
    with identity.store.read() as tx:
        return tx.jwt_templates.find()


def get_jwt_template(identity: Identity) -> JwtTemplate:
    found = find_jwt_template(identity)
    if found is None:
        raise NotFound("This environment has no JWT template.")
    return found


def put_jwt_template(identity: Identity, content: str) -> JwtTemplate:
    """From the next token on. Raises Invalid, saying where."""
    _check(content)
    with identity.store.transaction() as tx:
        before = tx.jwt_templates.find()
        written = tx.jwt_templates.put(content, now=identity.now)
        if before is None or before.content != content:
            data = {"object": "jwt_template", "content": content, "updated_at": written.updated_at}
            append(tx, identity, "jwt_template.updated", data)
    identity.keyring.forget()
    return written


def delete_jwt_template(identity: Identity) -> None:
    with identity.store.transaction() as tx:
        deleted = tx.jwt_templates.delete()
        if deleted:
            append(tx, identity, "jwt_template.deleted", {"object": "jwt_template"})
    identity.keyring.forget()
    if not deleted:
        raise NotFound("This environment has no JWT template.")


def template_claims(tx: Transaction, identity: Identity, session: Session) -> dict[str, Any]:
    """What the template adds to the session's tokens, and puts in place of what they would say.

    Raises OAuthDenied `token_too_big`.
    """
    template = _remembered(tx, identity)
    return {} if template is None else _filled(tx, template, session)


def draft_claims(tx: Transaction, content: str, session: Session) -> dict[str, Any]:
    """What a template that nobody has saved would add. Raises Invalid, and OAuthDenied `token_too_big`."""
    return _filled(tx, _check(content), session)


def _filled(tx: Transaction, template: dict[str, Node], session: Session) -> dict[str, Any]:
    rendered = {
        name: value
        for name, value in render(template, _context(tx, session)).items()
        if value is not None and _fits(name, value)
    }
    size = _size(rendered)
    if size > MAX_RENDERED:
        log.warning("jwt_template_too_big: %d bytes for a session of %s", size, session.user_id)
        raise OAuthDenied(
            f"The JWT template makes {size} bytes of claims for this user, more than {MAX_RENDERED}.",
            code="token_too_big",
        )
    return rendered


def _remembered(tx: Transaction, identity: Identity) -> dict[str, Node] | None:
    """Read in the transaction at hand: asking for another connection here could wait for itself."""

    def load() -> dict[str, Node] | None:
        found = tx.jwt_templates.find()
        return None if found is None else parse(found.content, SHAPE)

    known = identity.keyring.remember(REMEMBERED, identity.now.timestamp(), load)
    return cast("dict[str, Node] | None", known)


def _context(tx: Transaction, session: Session) -> dict[str, Any]:
    user = tx.users.find(session.user_id)
    context = {"user": {} if user is None else user_data(user)}
    organization_id = session.organization_id
    organization = None if organization_id is None else tx.organizations.find(organization_id)
    if organization is not None:
        context["organization"] = {
            "object": "organization",
            "id": organization.id,
            "name": organization.name,
            "external_id": organization.external_id,
            "metadata": dict(organization.metadata),
            "allow_profiles_outside_organization": organization.allow_profiles_outside_organization,
            "domains": _domains(tx, organization.id),
            "created_at": organization.created_at,
            "updated_at": organization.updated_at,
        }
        membership = tx.memberships.find_of(session.user_id, organization.id)
        if membership is not None:
            context["organization_membership"] = {
                "object": "organization_membership",
                "id": membership.id,
                "status": membership.status,
                "role": {"slug": membership.role},
                "roles": [{"slug": slug} for slug in membership.roles],
                "custom_attributes": {},
                "created_at": membership.created_at,
                "updated_at": membership.updated_at,
            }
    return cast("dict[str, Any]", _plain(context))


def _domains(tx: Transaction, organization_id: str) -> list[dict[str, Any]]:
    """Oldest first."""
    return [
        {
            "object": "organization_domain",
            "id": domain.id,
            "organization_id": organization_id,
            "domain": domain.domain,
            "state": domain.state,
        }
        for domain in tx.organization_domains.list_of([organization_id]).get(organization_id, ())
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return timestamp(value) if isinstance(value, dt.datetime) else value


def _fits(name: str, value: Any) -> bool:
    """A claim that clients rely on keeps its type, or the one it would have had stays."""
    if name in TEXTS:
        fits = isinstance(value, str) and bool(value)
    elif name in LISTS:
        fits = _is_texts(value)
    else:
        fits = name != "aud" or (bool(value) and (isinstance(value, str) or _is_texts(value)))
    if not fits:
        log.warning("jwt_template_claim_ignored: %s is of another type", name)
    return fits


def _may_fit(name: str, node: Node) -> bool:
    """What can be told before there is a user."""
    if node is None or isinstance(node, Expression):
        return True
    is_list = isinstance(node, tuple) and all(isinstance(item, str | Text | Expression) for item in node)
    if name in LISTS:
        return is_list
    if name in TEXTS:
        return isinstance(node, str | Text)
    return name != "aud" or is_list or isinstance(node, str | Text)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _check(content: str) -> dict[str, Node]:
    try:
        template = parse(content, SHAPE)
    except TemplateError as error:
        raise _invalid(str(error)) from None
    for name, node in template.items():
        if name in PROTOCOL or name in OURS:
            raise _invalid(f"The claim {name} is the server's to set.")
        if not _may_fit(name, node):
            raise _invalid(f"The claim {name} cannot be of this type.")
    if _size(render(template, {})) > MAX_RENDERED:
        raise _invalid(f"The claims may have {MAX_RENDERED} bytes.")
    return template


def _size(claims: Mapping[str, Any]) -> int:
    return len(json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _invalid(message: str) -> Invalid:
    return Invalid.field("content", "invalid_jwt_template", message)
