"""`vestibule impersonate`: a link that signs an operator in as somebody else."""

from typing import Annotated

import typer

from vestibule.cli.commands_serve import Database
from vestibule.cli.launch import is_development, opened
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.impersonation import request_impersonation
from vestibule.server.identity.users import find_user_by_email

LOCAL: str = "http://localhost:8100"

Email = Annotated[str, typer.Argument(help="The address of the account.")]
Operator = Annotated[str, typer.Option("--as", help="Your own address: the session says it is you.")]
Reason = Annotated[str, typer.Option(help="Why. It is kept with the session.")]
Organization = Annotated[str | None, typer.Option(help="Which, when the account belongs to several.")]
Minutes = Annotated[int, typer.Option(help="How long it may last, from now.", min=1, max=60)]
Url = Annotated[str, typer.Option(help="Where the server answers, in development.")]


def impersonate(
    email: Email,
    operator: Operator,
    reason: Reason,
    organization: Organization = None,
    minutes: Minutes = 60,
    url: Url = LOCAL,
    database: Database = None,
) -> None:
    """Print a link that signs you in as somebody else, once."""
    with opened(database) as identity:
        user = find_user_by_email(identity, email)
        if user is None:
            raise NotFound(f"There is no account with the address {email}.")
        _, link = request_impersonation(
            identity,
            user.id,
            impersonator_email=operator,
            reason=reason,
            organization_id=organization,
            seconds=minutes * 60,
        )
        origin = identity.settings.public_url
    print(url + link.removeprefix(origin) if is_development() else link)
