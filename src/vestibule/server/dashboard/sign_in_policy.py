"""How people sign in: the environment's policy, and what a single organization asks for besides."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

from vestibule.server.dashboard import organization as organization_pages
from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, REFUSALS, Mistakes, mistakes
from vestibule.server.identity.errors import Conflict, Invalid
from vestibule.server.identity.models import Organization
from vestibule.server.identity.operator_ways import operators_without_a_way, spare_operators
from vestibule.server.identity.policies import Policy, effective_policy, find_policy, get_policy, set_policy
from vestibule.server.store.transaction import Transaction

PATH: Final = "/dashboard/sign-in"
OWN: Final = f"{organization_pages.OWN}/sign-in"
SAID: Final = {
    "saved": "Saved, for sign-ins from now on.",
    "same": "Nothing was changed, so there was nothing to save.",
}
METHODS: Final[Mapping[str, tuple[str, str]]] = {
    "password": ("Password", "With reset by mail, and a check against common passwords."),
    "magic_auth": ("Code by mail", "Six digits, good for ten minutes and for one sign-in."),
    "passkey": ("Passkey", "Face, finger or PIN: nothing to type, nothing to phish."),
}
"""Those of a policy that the pages of this server have. What it says of others stays as it is."""
MFA: Final = {
    "off": ("Off", "Nobody is asked for a second factor, even those who have one."),
    "optional": ("Optional", "Whoever has set up a second factor is asked for it."),
    "required": ("Required", "Everybody has to have one, and sets it up at the next sign-in."),
}
ENROLLMENT: Final = {
    "off": ("Only on the account page", "Nobody is asked at the sign-in."),
    "offer": ("Offer one after the sign-in", "Until they have one, or say not now."),
}
VERIFICATION: Final = {
    "preferred": ("Where the device can", "A passkey without a PIN or a finger is one factor."),
    "required": ("Always", "A passkey is always two factors: the device, and a PIN or a finger."),
}
MFA_BESIDES: Final = {**MFA, "off": ("As the environment says", "This organization asks for nothing more.")}
ENROLLMENT_BESIDES: Final = {
    **ENROLLMENT,
    "off": ("As the environment says", "This organization offers nothing more."),
}
CHOICES: Final = {"mfa": MFA, "passkey_enrollment": ENROLLMENT, "passkey_user_verification": VERIFICATION}
NO_METHOD: Final = "Leave on at least one way to sign in."
NOBODY: Final = (
    "Nobody could sign in to this organization: what it would still allow, the environment has switched off."
)


def effect(policy: Policy) -> str:
    """What people will notice, in a sentence or three."""
    ways = [name.lower() for key, (name, _) in METHODS.items() if key in policy.methods]
    listed = " or ".join(filter(None, (", ".join(ways[:-1]), *ways[-1:])))
    sentences = [f"People sign in by {listed}." if ways else "Nobody can sign in."]
    sentences.append(
        {
            "off": "Nobody is asked for a second factor.",
            "optional": "Whoever has a second factor is asked for it.",
            "required": "Everybody needs a second factor: whoever has none sets one up first.",
        }[policy.mfa]
    )
    if policy.passkey_enrollment == "offer" and "passkey" in policy.methods:
        sentences.append("Whoever has no passkey is offered one.")
    return " ".join(sentences)


def show(desk: Desk, problems: Mistakes = NONE) -> Response:
    policy = get_policy(desk.identity)
    return desk.page(
        "sign-in.html",
        status=HTTPStatus.OK if problems is NONE else HTTPStatus.UNPROCESSABLE_ENTITY,
        server=desk.identity.settings,
        locked_out=operators_without_a_way(desk.identity),
        errors=problems.errors,
        problem=problems.problem,
        mfa=MFA,
        enrollment=ENROLLMENT,
        **_form(desk, policy, problems),
    )


def show_own(desk: Desk, problems: Mistakes = NONE) -> Response:
    organization = organization_pages.opened(desk)
    both = find_policy(desk.identity, organization.id)
    return organization_pages.tab(
        desk,
        "organizations/sign-in.html",
        organization,
        problems=problems,
        environments=find_policy(desk.identity),
        in_effect=both,
        meaning=effect(both),
        **_form(desk, get_policy(desk.identity, organization.id), problems),
        mfa=MFA_BESIDES,
        enrollment=ENROLLMENT_BESIDES,
    )


def _form(desk: Desk, policy: Policy, problems: Mistakes) -> dict[str, Any]:
    """As the policy is; or, when it was refused, as it was sent."""
    sent = desk.form if problems is not NONE else {}
    return {
        "policy": policy,
        "effect": effect(policy),
        "methods": METHODS,
        "verification": VERIFICATION,
        "ticked": [key for key in METHODS if (f"method-{key}" in sent if sent else key in policy.methods)],
        "chosen": {name: sent.get(name, getattr(policy, name)) for name in CHOICES},
    }


def save(desk: Desk) -> Response:
    try:
        done = _save(desk, None)
    except REFUSALS as error:
        return show(desk, mistakes(error))
    return desk.go(PATH, done=done)


def save_own(desk: Desk) -> Response:
    organization = organization_pages.opened(desk)
    try:
        done = _save(desk, organization)
    except REFUSALS as error:
        return show_own(desk, mistakes(error))
    return desk.go(f"{organization_pages.place(organization)}/sign-in", done=done)


def _save(desk: Desk, organization: Organization | None) -> str:
    organization_id = None if organization is None else organization.id
    changes = _changes(desk.form, get_policy(desk.identity, organization_id))
    if not changes:
        return "same"
    spare = spare_operators(desk.identity, desk.insider.user.id)

    def check(tx: Transaction) -> None:
        spare(tx)
        if effective_policy(tx, organization_id).methods.isdisjoint(METHODS):
            raise Conflict(NOBODY if organization else NO_METHOD, code="no_way_to_sign_in")

    set_policy(desk.identity, organization_id, check=check, **changes)
    return "saved"


def _changes(form: Mapping[str, str], policy: Policy) -> dict[str, Any]:
    """What differs from what was shown: what somebody else has changed meanwhile stays."""
    changes: dict[str, Any] = {
        name: form[name]
        for name, choices in CHOICES.items()
        if name in form and form[name] in choices and form[name] != form.get(f"was-{name}")
    }
    was, now = form.get("was-methods", "").split(), [key for key in METHODS if f"method-{key}" in form]
    if not now:
        raise Invalid.field("methods", "methods_invalid", NO_METHOD)
    if was != now:
        wanted: Sequence[str] = [each for each in policy.methods if each not in was or each in now]
        changes["methods"] = sorted({*wanted, *(each for each in now if each not in was)})
    return changes


DEEDS: Final = (
    page(PATH, show, said=SAID),
    deed(PATH, save, right="manage", back=PATH, fresh=True),
    page(OWN, show_own, said=SAID),
    deed(OWN, save_own, right="manage", back=OWN, fresh=True),
)
