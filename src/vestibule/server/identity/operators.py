"""Operators: who may see and change what. Each role has the rights of the one before, too."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import EmailAddress, lookup_key, parse_email
from vestibule.server.identity.errors import Conflict, Denied, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.letters import queue
from vestibule.server.identity.models import Operator
from vestibule.server.identity.people import User
from vestibule.server.identity.secrets import digest, new_token
from vestibule.server.languages import mark
from vestibule.server.store.transaction import Transaction

Role: TypeAlias = Literal["auditor", "support", "admin", "owner"]
Right: TypeAlias = Literal["read", "support", "manage", "own"]

RIGHTS: Final[Mapping[Role, tuple[Right, ...]]] = {
    "auditor": ("read",),
    "support": ("read", "support"),
    "admin": ("read", "support", "manage"),
    "owner": ("read", "support", "manage", "own"),
}
LEAST_ROLE: Final[Mapping[Right, Role]] = {
    "read": "auditor",
    "support": "support",
    "manage": "admin",
    "own": "owner",
}
IN_WORDS: Final[Mapping[Role, str]] = {
    "auditor": mark("You see everything, and change nothing."),
    "support": mark("You see everything, and help people who cannot sign in."),
    "admin": mark("You change everything but who the operators are."),
    "owner": mark("You change everything, and say who the operators are."),
}
"""For whoever is given it."""
LINK_LIVES: Final = dt.timedelta(days=1)
SEEN_IS_NOTED_EVERY: Final = dt.timedelta(minutes=10)
MAX_TOKEN: Final = 200


def may(operator: Operator, right: Right) -> bool:
    return right in RIGHTS[cast("Role", operator.role)]


def find_operator(identity: Identity, user: User) -> Operator | None:
    """The operator this user is. Whoever first signs in with a confirmed address that was made an operator's
    becomes that operator, and stays it when the address changes."""
    key = lookup_key(user.email)
    if key is None or not user.email_verified:
        return None
    now = identity.now
    with identity.store.read() as tx:
        found = tx.operators.find_of(user.id, key)
    if found is None:
        return None
    seen = found.last_seen_at
    if found.user_id is None or seen is None or now - seen >= SEEN_IS_NOTED_EVERY:
        with identity.store.transaction() as tx:
            return tx.operators.claim(user.id, key, now=now)
    return found


def list_operators(identity: Identity) -> Sequence[Operator]:
    with identity.store.read() as tx:
        return tx.operators.list()


def get_operator(identity: Identity, operator_id: str) -> Operator:
    with identity.store.read() as tx:
        found = tx.operators.find(operator_id)
    if found is None:
        raise NotFound.of("Operator", operator_id)
    return found


def add_operator(identity: Identity, email: str, role: str, *, tells: bool = False) -> Operator:
    """`tells` them by mail. Raises Invalid, and Conflict `operator_exists`."""
    address, chosen = _address(email), _role(role)
    with identity.store.transaction() as tx:
        if tx.operators.find_by_email_key(address.key) is not None:
            raise Conflict("This address is an operator's already.", code="operator_exists")
        operator = _create(tx, identity, email=address.address, email_key=address.key, role=chosen)
        if tells:
            _tell(tx, identity, operator)
    return operator


def _tell(tx: Transaction, identity: Identity, operator: Operator) -> None:
    """In their own language, where they have an account."""
    known, role = tx.users.find_by_email_key(parse_email(operator.email).key), cast("Role", operator.role)
    queue(
        tx,
        identity,
        kind="operator_added",
        recipient=operator.email,
        locale=None if known is None else known.locale,
        email=operator.email,
        by=(identity.actor or {}).get("name") or "",
        role=role,
        what=IN_WORDS[role],
        link=dashboard_link(identity),
    )


def ensure_operator(identity: Identity, email: str, role: str) -> None:
    """Nothing changes where there is one."""
    with identity.store.read() as tx:
        if tx.operators.find_by_email_key(parse_email(email).key) is not None:
            return
    add_operator(identity, email, role)


def change_role(identity: Identity, operator_id: str, role: str) -> Operator:
    """Raises Invalid, NotFound, and Conflict `last_owner`: somebody has to be left who can do everything."""
    chosen = _role(role)
    with identity.store.transaction() as tx:
        tx.environment.lock()
        _spare_last_owner(tx, operator_id, stays_owner=chosen == "owner")
        operator = tx.operators.update_role(operator_id, role=chosen, now=identity.now)
        if operator is None:
            raise NotFound.of("Operator", operator_id)
        append(tx, identity, "operator.updated", _data(operator))
    return operator


def remove_operator(identity: Identity, operator_id: str) -> Operator:
    """Raises NotFound, and Conflict `last_owner`. The account of a user stays."""
    with identity.store.transaction() as tx:
        tx.environment.lock()
        _spare_last_owner(tx, operator_id, stays_owner=False)
        operator = tx.operators.delete(operator_id)
        if operator is None:
            raise NotFound.of("Operator", operator_id)
        append(tx, identity, "operator.deleted", _data(operator))
    return operator


def new_setup_link(identity: Identity) -> str | None:
    """The address where the first owner is made: works once, for a day. None when there is an operator."""
    token, now = new_token(), identity.now
    with identity.store.transaction() as tx:
        if tx.operators.count():
            return None
        tx.operators.create_link(digest(token), expires_at=now + LINK_LIVES, now=now)
    return f"{dashboard_link(identity)}/setup?token={token}"


def dashboard_link(identity: Identity) -> str:
    return f"{identity.settings.public_url}/dashboard"


def is_setup_link(identity: Identity, token: str) -> bool:
    """Looking at it uses nothing up."""
    if not 0 < len(token) <= MAX_TOKEN:
        return False
    with identity.store.read() as tx:
        return tx.operators.find_link(digest(token), now=identity.now) and not tx.operators.count()


def use_setup_link(identity: Identity, token: str, user: User) -> Operator:
    """Makes `user` the first owner. Raises Denied `setup_link_over`."""
    address, now = parse_email(user.email), identity.now
    with identity.store.transaction() as tx:
        tx.environment.lock()
        good = 0 < len(token) <= MAX_TOKEN and tx.operators.consume_link(digest(token), now=now)
        if not good or tx.operators.count():
            raise Denied("This link was used, or it is older than a day.", code="setup_link_over")
        return _create(
            tx, identity, email=address.address, email_key=address.key, role="owner", user_id=user.id
        )


def _create(tx: Transaction, identity: Identity, **values: Any) -> Operator:
    now = identity.now
    operator = tx.operators.create(id=new_id("operator", now), created_at=now, updated_at=now, **values)
    append(tx, identity, "operator.created", _data(operator))
    return operator


def _spare_last_owner(tx: Transaction, operator_id: str, *, stays_owner: bool) -> None:
    found = tx.operators.find(operator_id)
    if found is None or found.role != "owner" or stays_owner:
        return
    if tx.operators.count("owner") == 1:
        raise Conflict("This is the last owner: make somebody else one first.", code="last_owner")


def _address(email: str) -> EmailAddress:
    try:
        return parse_email(email)
    except ValueError as error:
        raise Invalid.field("email", "invalid_email", str(error)) from None


def _role(role: str) -> Role:
    if role not in get_args(Role):
        raise Invalid.field("role", "invalid_role", "Choose owner, admin, support or auditor.")
    return cast("Role", role)


def _data(operator: Operator) -> dict[str, Any]:
    return {
        "object": "operator",
        "id": operator.id,
        "email": operator.email,
        "user_id": operator.user_id,
        "role": operator.role,
        "created_at": operator.created_at,
    }
