"""People, where they belong, and who is invited."""

from typing import Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Conflict
from vestibule.server.identity.factors import enroll_totp
from vestibule.server.identity.groups import add_to_group, create_group
from vestibule.server.identity.invitations import create_invitation
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.seeds.entries import Entry, SeedInvalid, stable_id
from vestibule.server.identity.seeds.references import (
    find_membership,
    find_user,
    organization_of,
    the_organization_of,
    the_user_of,
)
from vestibule.server.identity.users import create_user

BEFORE_ANY_CODE: Final = 0


def seed_user(identity: Identity, entry: Entry) -> None:
    """Somebody who is here already, by id or address, stays as they are, but gets the second factors."""
    email = entry.need("email")
    user_id = entry.text("id") or stable_id("user", lookup_key(email) or email)
    values = {
        name: entry.text(name)
        for name in (
            *("password", "password_hash", "password_hash_type", "password_salt_position"),
            *("first_name", "last_name", "name", "external_id", "locale"),
        )
    }
    verified, metadata = entry.flag("email_verified"), entry.metadata()
    factors = list(entry.entries("factors"))
    with identity.store.read() as tx:
        present = tx.users.find(user_id) or tx.users.find_by_email_key(lookup_key(email) or "")
    if present is None:
        create_user(
            identity,
            user_id=user_id,
            email=email,
            email_verified=verified,
            metadata=metadata or None,
            **values,
        )
    for factor in factors:
        _seed_factor(identity, present.id if present else user_id, factor)


def _seed_factor(identity: Identity, user_id: str, entry: Entry) -> None:
    """Confirmed, as if its first code had been typed."""
    if entry.text("type") not in (None, "totp"):
        raise SeedInvalid(f"{entry.place}.type", "must be totp")
    secret = entry.need("secret")
    factor_id = entry.text("id") or stable_id("auth_factor", user_id, secret)
    issuer = entry.text("issuer")
    entry.finish()
    with identity.store.read() as tx:
        present = tx.factors.find(factor_id)
    if present is None:
        enroll_totp(identity, user_id=user_id, issuer=issuer, secret=secret, factor_id=factor_id)
        with identity.store.transaction() as tx:
            tx.factors.use_step(factor_id, step=BEFORE_ANY_CODE, now=identity.now)


def seed_membership(identity: Identity, entry: Entry) -> None:
    user_id, organization_id = the_user_of(identity, entry), the_organization_of(identity, entry)
    roles = entry.texts("roles", "role_slugs", "role", "role_slug")
    try:
        create_membership(
            identity,
            user_id=user_id,
            organization_id=organization_id,
            roles=roles or None,
            status=entry.text("status") or "active",
            membership_id=entry.text("id") or stable_id("om", user_id, organization_id),
        )
    except Conflict:
        return


def seed_group(identity: Identity, entry: Entry) -> None:
    organization_id, name = the_organization_of(identity, entry), entry.need("name")
    group_id = entry.text("id") or stable_id("group", organization_id, name)
    description, members = entry.text("description"), entry.texts("members")
    with identity.store.read() as tx:
        present = tx.groups.find(group_id, organization_id=organization_id)
    if present is None:
        create_group(
            identity,
            organization_id=organization_id,
            name=name,
            description=description,
            group_id=group_id,
        )
    for given in members:
        membership = find_membership(identity, given, organization_id)
        add_to_group(identity, group_id, organization_id=organization_id, membership_id=membership.id)


def seed_invitation(identity: Identity, entry: Entry) -> None:
    """Nothing is mailed."""
    email, organization_id = entry.need("email"), organization_of(identity, entry)
    invitation_id = entry.text("id") or stable_id("invitation", lookup_key(email) or email, organization_id)
    inviter = entry.text("inviter", "inviter_user_id")
    role, days = entry.text("role", "role_slug"), entry.number("expires_in_days")
    with identity.store.read() as tx:
        if tx.invitations.find(invitation_id) is not None:
            return
    create_invitation(
        identity,
        email=email,
        organization_id=organization_id,
        role_slug=role,
        inviter_user_id=None if inviter is None else find_user(identity, inviter),
        expires_in_days=days,
        invitation_id=invitation_id,
        send=False,
    )
