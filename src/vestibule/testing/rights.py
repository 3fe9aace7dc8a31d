"""The words in which a test says who has signed in."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypedDict


class Rights(TypedDict, total=False):
    """What a session allows. What is left out, nobody has.

    organization       the id of the organization it is in; `organization_id` is the same
    impersonator       the address of the colleague who looks at the app as this person
    authenticated_ago  seconds, or a `timedelta`, since the person proved who they are; or say the moment
                       itself with `authenticated_at`
    claims             anything else of the access token, and in place of the above
    """

    organization: str | None
    organization_id: str | None
    role: str | None
    roles: Iterable[str]
    permissions: Iterable[str]
    entitlements: Iterable[str]
    feature_flags: Iterable[str]
    impersonator: str | None
    authenticated_ago: float | timedelta | None
    authenticated_at: float | datetime | None
    authentication_method: str
    claims: Mapping[str, object] | None


class Who(Rights, total=False):
    """`user`: fields of `User`, such as `first_name`."""

    user: Mapping[str, object]
