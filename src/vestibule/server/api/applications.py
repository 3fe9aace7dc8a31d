"""Applications besides the environment's own: their secrets, and what people have allowed them."""

from typing import Any, Final, Literal

from msgspec import UNSET, Struct, UnsetType

from vestibule.server.api.bodies import Body, Line, Text, Unset, given
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import list_of, show
from vestibule.server.identity import applications, client_secrets, consents
from vestibule.server.identity.consents import Allowed
from vestibule.server.store.applications import Application, ClientSecret

operations = Operations("applications")

PATH: Final = "/connect/applications"
SECRETS: Final = PATH + "/{id}/client_secrets"
OF_USER: Final = "/user_management/users/{user_id}/authorized_applications"


class ApplicationUri(Struct, kw_only=True):
    uri: Text
    default: bool | None = False


class ApplicationShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["connect_application"] = "connect_application"
    id: str
    client_id: str
    name: str
    description: str | None
    homepage_url: str | None
    scopes: list[str]
    application_type: Literal["oauth", "m2m"]
    redirect_uris: list[dict[str, Any]] | UnsetType = UNSET
    cors_origins: list[str] | UnsetType = UNSET
    uses_pkce: bool | UnsetType = UNSET
    is_first_party: bool | UnsetType = UNSET
    was_dynamically_registered: bool | UnsetType = UNSET
    organization_id: str | UnsetType = UNSET
    created_at: str
    updated_at: str


class ClientSecretShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["connect_application_secret"] = "connect_application_secret"
    id: str
    secret_hint: str
    last_used_at: str | None
    created_at: str
    updated_at: str
    secret: str | UnsetType = UNSET


class AuthorizedApplicationShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["authorized_connect_application"] = "authorized_connect_application"
    id: str
    granted_scopes: list[str]
    application: ApplicationShape
    user_id: str | UnsetType = UNSET


class CreateApplication(Body):
    name: Line
    application_type: Literal["oauth", "m2m"]
    description: Text | Unset | None = UNSET
    homepage_url: Text | Unset | None = UNSET
    scopes: list[Line] | Unset | None = UNSET
    redirect_uris: list[ApplicationUri] | Unset | None = UNSET
    uses_pkce: bool | Unset | None = UNSET
    is_first_party: bool | Unset = UNSET
    organization_id: Line | Unset | None = UNSET


class UpdateApplication(Body):
    name: Line | Unset = UNSET
    description: Text | Unset | None = UNSET
    homepage_url: Text | Unset | None = UNSET
    scopes: list[Line] | Unset | None = UNSET
    redirect_uris: list[ApplicationUri] | Unset | None = UNSET


@operations.get(PATH, answers=ApplicationShape, lists=True, filters=("organization_id", "registration_types"))
def list_applications(call: Call[None]) -> dict[str, Any]:
    """List applications, newest first. None registers itself, so those are a list without any."""
    kinds = call.query.array("registration_types", among=("dynamic", "authenticated"))
    if kinds == ("dynamic",):
        return list_of([], {"before": None, "after": None})
    found = applications.list_applications(
        call.identity, call.listing.page, organization_id=call.query.text("organization_id")
    )
    return list_of([_show(each) for each in found.data], call.listing.metadata(found))


@operations.post(PATH, body=CreateApplication, answers=ApplicationShape, status=201)
def create_application(call: Call[CreateApplication]) -> ApplicationShape:
    """Create an application that people sign in to, or a machine of an organization."""
    values = _plain(call.body)
    if values.get("uses_pkce") is None:
        values.pop("uses_pkce", None)
    return _show(applications.create_application(call.identity, **values))


@operations.get(PATH + "/{id}", answers=ApplicationShape)
def get_application(call: Call[None]) -> ApplicationShape:
    """Get an application by its id or its client id."""
    return _show(applications.get_application(call.identity, call.path["id"]))


@operations.put(PATH + "/{id}", body=UpdateApplication, answers=ApplicationShape)
def update_application(call: Call[UpdateApplication]) -> ApplicationShape:
    """Change the members that are sent."""
    changes = _plain(call.body)
    return _show(applications.update_application(call.identity, call.path["id"], **changes))


@operations.delete(PATH + "/{id}", status=204)
def delete_application(call: Call[None]) -> None:
    """Delete an application: everybody's sessions in it end at once."""
    applications.delete_application(call.identity, call.path["id"])


@operations.get(SECRETS, answers=list[ClientSecretShape])
def list_client_secrets(call: Call[None]) -> list[ClientSecretShape]:
    """List the secrets of an application, newest first. Values are never shown again."""
    found = client_secrets.list_client_secrets(call.identity, call.path["id"])
    return [_show_secret(secret) for secret in found]


@operations.post(SECRETS, answers=ClientSecretShape, status=201, tokens=True)
def create_client_secret(call: Call[None]) -> ClientSecretShape:
    """Create a secret of an application. Its value is in this answer only."""
    secret, value = client_secrets.create_client_secret(call.identity, call.path["id"])
    return _show_secret(secret, value=value)


@operations.delete("/connect/client_secrets/{id}", status=204)
def delete_client_secret(call: Call[None]) -> None:
    """Revoke a secret: it stops working at once."""
    client_secrets.delete_client_secret(call.identity, call.path["id"])


@operations.get(OF_USER, answers=AuthorizedApplicationShape, lists=True)
def list_authorized_applications(call: Call[None]) -> dict[str, Any]:
    """List what a user has allowed applications."""
    found = consents.list_consents(call.identity, call.path["user_id"], call.listing.page)
    return list_of([_show_allowed(each) for each in found.data], call.listing.metadata(found))


@operations.delete(OF_USER + "/{application_id}", status=204)
def delete_authorized_application(call: Call[None]) -> None:
    """Take back what a user has allowed an application: their sessions in it end at once."""
    consents.revoke_consent(call.identity, call.path["user_id"], call.path["application_id"])


@operations.get(
    "/organizations/{organization_id}/authorized_applications",
    answers=AuthorizedApplicationShape,
    lists=True,
)
def list_organization_authorized_applications(call: Call[None]) -> dict[str, Any]:
    """List what the members of an organization have allowed applications."""
    found = consents.list_organization_consents(
        call.identity, call.path["organization_id"], call.listing.page
    )
    shown = [_show_allowed(each, whose=True) for each in found.data]
    return list_of(shown, call.listing.metadata(found))


def _plain(body: CreateApplication | UpdateApplication) -> dict[str, Any]:
    values = given(body)
    if values.get("redirect_uris") is not None:
        uris = values["redirect_uris"]
        values["redirect_uris"] = [{"uri": each.uri, "default": each.default} for each in uris]
    return values


def _show(application: Application) -> ApplicationShape:
    data = applications.application_data(application)
    optional = ("redirect_uris", "cors_origins", "uses_pkce", "is_first_party", "was_dynamically_registered")
    return show(
        ApplicationShape,
        application,
        **{name: data.get(name, UNSET) for name in (*optional, "organization_id")},
    )


def _show_secret(secret: ClientSecret, *, value: str | None = None) -> ClientSecretShape:
    return show(ClientSecretShape, secret, secret=value or UNSET)


def _show_allowed(allowed: Allowed, *, whose: bool = False) -> AuthorizedApplicationShape:
    return AuthorizedApplicationShape(
        id=allowed.consent.id,
        granted_scopes=list(allowed.consent.scopes),
        application=_show(allowed.application),
        user_id=allowed.consent.user_id if whose else UNSET,
    )
