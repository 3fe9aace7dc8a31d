"""How somebody signs in, on one page: what there is, and the way to change each of it."""

from typing import Final

from starlette.responses import Response

from vestibule.server.account.person import Person
from vestibule.server.identity.own_password import has_password
from vestibule.server.identity.policies import find_policy
from vestibule.server.identity.recovery_codes import count_recovery_codes
from vestibule.server.identity.users import list_identities

PROVIDERS: Final = {
    "AppleOAuth": "Apple",
    "GitHubOAuth": "GitHub",
    "GitLabOAuth": "GitLab",
    "GoogleOAuth": "Google",
    "LinkedInOAuth": "LinkedIn",
    "MicrosoftOAuth": "Microsoft",
    "SlackOAuth": "Slack",
}


def show(person: Person) -> Response:
    identity, user_id = person.identity, person.user.id
    with identity.store.read() as tx:
        passkeys, factors = tx.passkeys.list_all(user_id), tx.factors.list_verified(user_id)
    policy = find_policy(identity)
    return person.page(
        "security.html",
        has_password=has_password(identity, user_id),
        passwords="password" in policy.methods,
        passkeys=passkeys,
        passkeys_allowed="passkey" in policy.methods,
        factors=factors,
        codes_left=count_recovery_codes(identity, user_id).count,
        connected=[
            {"name": PROVIDERS.get(each.provider, each.provider), "since": each.created_at}
            for each in list_identities(identity, user_id)
        ],
    )
