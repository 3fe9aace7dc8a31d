"""`vestibule operators`: who may do what in the dashboard, from the terminal."""

from typing import Annotated

import typer

from vestibule.cli.commands_serve import Database
from vestibule.cli.launch import opened
from vestibule.cli.tables import show
from vestibule.server.answers import moment_or_none
from vestibule.server.identity import operators as rules
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Conflict, NotFound
from vestibule.server.identity.models import Operator

operators = typer.Typer(help="Who may do what in the dashboard.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The address they sign in with.")]
Role = Annotated[str, typer.Option(help="owner, admin, support or auditor.")]
Tell = Annotated[bool, typer.Option("--tell", help="Write a mail to whoever is new.")]


@operators.command("list")
def list_operators(database: Database = None) -> None:
    """List the operators."""
    with opened(database) as identity:
        found = rules.list_operators(identity)
    rows = [(each.email, each.role, moment_or_none(each.last_seen_at) or "-") for each in found]
    show(("Email", "Role", "Last seen"), rows)


@operators.command("add")
def add(email: Email, role: Role = "owner", tell: Tell = False, database: Database = None) -> None:
    """Let whoever signs in with this address into the dashboard; of an operator, change the role."""
    with opened(database) as identity:
        known = _find(identity, email)
        if known is None:
            operator = rules.add_operator(identity, email, role, tells=tell)
        else:
            operator = rules.change_role(identity, known.id, role)
    print(f"{operator.email} is {operator.role}.")


@operators.command("remove")
def remove(email: Email, database: Database = None) -> None:
    """Take the dashboard away from an operator. Their account stays."""
    with opened(database) as identity:
        found = _find(identity, email)
        if found is None:
            raise NotFound(f"No operator has the address {email}.")
        rules.remove_operator(identity, found.id)
    print(f"{found.email} is no operator any more.")


@operators.command("link")
def link(database: Database = None) -> None:
    """Print a new link that makes the first owner, as long as there is no operator."""
    with opened(database) as identity:
        found = rules.new_setup_link(identity)
    if found is None:
        message = "There are operators already: vestibule operators add EMAIL makes another."
        raise Conflict(message, code="operator_exists")
    print(found)


def _find(identity: Identity, email: str) -> Operator | None:
    key = lookup_key(email)
    found = rules.list_operators(identity)
    return next((each for each in found if key is not None and lookup_key(each.email) == key), None)
