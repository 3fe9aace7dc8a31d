"""Invitations: asking somebody in, by mail. What accepting one does is in `joining`."""

import datetime as dt
from typing import Any, Final

from vestibule.server.identity import events, limits
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import EmailAddress, lookup_key, parse_email
from vestibule.server.identity.errors import Conflict, Denied, Invalid, NotFound
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.inviters import check_inviter
from vestibule.server.identity.joining import expect_member, find_invitation, forget_member
from vestibule.server.identity.letters import queue
from vestibule.server.identity.memberships import DEFAULT_ROLES, checked_roles
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.people import Invitation, invitation_data, shown_invitation
from vestibule.server.identity.profile import tidy_locale
from vestibule.server.identity.secrets import digest, new_token, seal_at_rest
from vestibule.server.identity.withdrawing import withdraw
from vestibule.server.store.invitations import StoredInvitation
from vestibule.server.store.transaction import Transaction

A_WEEK: Final = 7
LONGEST: Final = 30


def create_invitation(
    identity: Identity,
    *,
    email: str,
    organization_id: str | None = None,
    role_slug: str | None = None,
    inviter_user_id: str | None = None,
    expires_in_days: int | None = None,
    locale: str | None = None,
    invitation_id: str | None = None,
    send: bool = True,
) -> Invitation:
    """Mails it, unless `send` is off. Without an inviter it is the app that invites, to any role.

    Raises Invalid, NotFound, TooMany; Forbidden `inviter_not_a_member`, `role_above_inviter`; Conflict for an
    `invitation_id` that exists; Denied with the codes of the published interface.
    """
    address, language = _address(email), tidy_locale(locale)
    expires_at = identity.now + dt.timedelta(days=_days(expires_in_days))
    if role_slug is not None and organization_id is None:
        raise Invalid.field("role_slug", "role_without_organization", "A role is one in an organization.")
    if send:
        _admit(identity, address.key)
    with identity.store.transaction() as tx:
        _hold(tx, organization_id)
        role = None if organization_id is None else _role(tx, role_slug, organization_id)
        if inviter_user_id is not None:
            check_inviter(tx, inviter_user_id, organization_id=organization_id, role_slug=role)
        _check_news(tx, identity, address, organization_id)
        invitation_id = invitation_id or new_id("invitation", identity.now)
        _put(
            tx,
            identity,
            id=invitation_id,
            email=address.address,
            email_key=address.key,
            organization_id=organization_id,
            role_slug=role,
            inviter_user_id=inviter_user_id,
            locale=language,
            expires_at=expires_at,
        )
        return _begun(tx, identity, invitation_id, send=send)


def get_invitation(identity: Identity, invitation_id: str) -> Invitation:
    with identity.store.read() as tx:
        return shown_invitation(identity, _existing(tx.invitations.find(invitation_id), invitation_id))


def get_invitation_by_token(identity: Identity, token: str) -> Invitation:
    found = find_invitation(identity, token)
    if found is None:
        raise NotFound("Invitation not found.")  # the token is not repeated
    return found


def list_invitations(
    identity: Identity,
    page: Page,
    *,
    email: str | None = None,
    organization_id: str | None = None,
    pending_only: bool = False,
) -> Slice[Invitation]:
    key = None if email is None else lookup_key(email)
    if email is not None and key is None:
        return Slice((), None, None)
    with identity.store.read() as tx:
        found = tx.invitations.list(
            page,
            email_key=key,
            organization_id=organization_id,
            pending_at=identity.now if pending_only else None,
        )
    return Slice(tuple(shown_invitation(identity, each) for each in found.data), found.before, found.after)


def resend_invitation(identity: Identity, invitation_id: str, *, locale: str | None = None) -> Invitation:
    """The same link once more. Raises NotFound, TooMany; Denied `invite_expired`, `invite_revoked`,
    `invite_accepted`."""
    language = tidy_locale(locale)
    with identity.store.read() as tx:
        known = _existing(tx.invitations.find(invitation_id), invitation_id)
    _check_pending(identity, known)
    _admit(identity, known.email_key)
    values = {} if language is None else {"locale": language}
    with identity.store.transaction() as tx:
        again = tx.invitations.resend(invitation_id, now=identity.now, **values)
        if again is None:
            known = _existing(tx.invitations.find(invitation_id), invitation_id)
            _check_pending(identity, known)
            raise NotFound.of("Invitation", invitation_id)
        _append(tx, identity, "invitation.resent", again)
        _mail(tx, identity, again)
    return shown_invitation(identity, again)


def revoke_invitation(identity: Identity, invitation_id: str) -> Invitation:
    """The link is dead at once, and the membership that was pending goes. Raises NotFound, Denied
    `invite_not_pending`."""
    with identity.store.transaction() as tx:
        revoked = withdraw(tx, identity, invitation_id)
        if revoked is None:
            known = _existing(tx.invitations.find(invitation_id), invitation_id)
            message = f"The invitation is {known.state(identity.now)}, not pending."
            raise Denied(message, code="invite_not_pending")
        forget_member(tx, identity, revoked)
    return shown_invitation(identity, revoked)


def _hold(tx: Transaction, organization_id: str | None) -> None:
    """Until the transaction ends nobody else invites there: one pending invitation for each address."""
    if organization_id is None:
        tx.environment.lock()
    elif "\x00" in organization_id or tx.organizations.lock(organization_id) is None:
        raise NotFound.of("Organization", organization_id)


def _check_news(
    tx: Transaction, identity: Identity, address: EmailAddress, organization_id: str | None
) -> None:
    """Whether there is anything to invite to that the address does not have yet."""
    pending = tx.invitations.find_pending(address.key, organization_id=organization_id, now=identity.now)
    user = tx.users.find_by_email_key(address.key)
    if organization_id is None:
        if user is not None:
            raise Denied("Somebody has an account with this address.", code="user_already_exists")
        if pending is not None:
            raise Denied("This address has been invited.", code="email_already_invited")
        return
    member = None if user is None else tx.memberships.find_of(user.id, organization_id)
    if member is not None and member.status != "pending":
        message = "The user is a member of this organization."
        raise Denied(message, code="user_already_organization_member")
    if pending is not None:
        message = "This address has been invited to this organization."
        raise Denied(message, code="email_already_invited_to_organization")


def _put(tx: Transaction, identity: Identity, **values: Any) -> None:
    token, now = new_token(), identity.now
    created = tx.invitations.create(
        **values,
        token_sealed=seal_at_rest(token, identity.settings.secret),
        token_hash=digest(token),
        created_at=now,
        updated_at=now,
    )
    if not created:
        raise Conflict("There is an invitation with this id.", code="invitation_exists")


def _begun(tx: Transaction, identity: Identity, invitation_id: str, *, send: bool) -> Invitation:
    made = _existing(tx.invitations.find(invitation_id), invitation_id)
    user = tx.users.find_by_email_key(made.email_key)
    if user is not None:
        expect_member(tx, identity, made, user)
    _append(tx, identity, "invitation.created", made)
    if send:
        _mail(tx, identity, made)
    return shown_invitation(identity, made)


def _mail(tx: Transaction, identity: Identity, invitation: StoredInvitation) -> None:
    inviter = None if invitation.inviter_user_id is None else tx.users.find(invitation.inviter_user_id)
    place = invitation.organization_id and tx.organizations.find(invitation.organization_id)
    queue(
        tx,
        identity,
        kind="invitation",
        recipient=invitation.email,
        locale=invitation.locale,
        email=invitation.email,
        inviter=inviter.email if inviter else "",
        organization=place.name if place else "",
        link=shown_invitation(identity, invitation).accept_invitation_url,
        until=invitation.expires_at.date(),
    )


def _append(tx: Transaction, identity: Identity, event: str, invitation: StoredInvitation) -> None:
    data = invitation_data(identity, invitation)
    events.append(tx, identity, event, data, organization_id=invitation.organization_id)


def _role(tx: Transaction, slug: str | None, organization_id: str) -> str:
    try:
        return checked_roles(tx, [slug or DEFAULT_ROLES[0]], organization_id)[0]
    except Invalid as error:
        raise Denied(error.message, code="invalid_role") from None


def _days(given: int | None) -> int:
    days = A_WEEK if given is None else given
    if days < 1:
        raise Denied("An invitation is good for a day at least.", code="expires_in_days_too_short")
    if days > LONGEST:
        raise Denied(f"An invitation is good for {LONGEST} days at most.", code="expires_in_days_too_long")
    return days


def _check_pending(identity: Identity, invitation: StoredInvitation) -> None:
    state = invitation.state(identity.now)
    if state != "pending":
        code = {"expired": "invite_expired", "revoked": "invite_revoked"}.get(state, "invite_accepted")
        raise Denied(f"The invitation is {state}, so it cannot be sent again.", code=code)


def _admit(identity: Identity, email_key: str) -> None:
    limits.hit_all(
        identity,
        (f"invitation:{email_key}", limits.SENDS),
        (f"invitation:day:{email_key}", limits.SENDS_A_DAY),
    )


def _address(email: str) -> EmailAddress:
    try:
        return parse_email(email)
    except ValueError as error:
        raise Invalid.field("email", "invalid_email", str(error)) from None


def _existing(found: StoredInvitation | None, invitation_id: str) -> StoredInvitation:
    if found is None:
        raise NotFound.of("Invitation", invitation_id)
    return found
