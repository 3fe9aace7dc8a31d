"""One transaction's view of the tables: an attribute for each aggregate, made when first asked for."""

from collections.abc import Sequence
from functools import cached_property

from sqlalchemy import Connection

from vestibule.server.store.activity import Activity
from vestibule.server.store.api_keys import ApiKeys
from vestibule.server.store.applications import Applications, ClientSecrets
from vestibule.server.store.branding import Brandings
from vestibule.server.store.browser_sessions import BrowserSessions
from vestibule.server.store.codes import Codes
from vestibule.server.store.consents import Consents
from vestibule.server.store.cors_origins import CorsOrigins
from vestibule.server.store.device_codes import DeviceCodes
from vestibule.server.store.email_changes import EmailChanges
from vestibule.server.store.environment import Environments
from vestibule.server.store.event_searches import EventSearches
from vestibule.server.store.events import Events
from vestibule.server.store.factors import Factors
from vestibule.server.store.flags import Flags
from vestibule.server.store.groups import Groups
from vestibule.server.store.idempotency import IdempotentRequests
from vestibule.server.store.identities import Identities
from vestibule.server.store.impersonations import Impersonations
from vestibule.server.store.import_jobs import ImportJobs
from vestibule.server.store.invitations import Invitations
from vestibule.server.store.jwt_templates import JwtTemplates
from vestibule.server.store.logins import Logins
from vestibule.server.store.magic_codes import MagicCodes
from vestibule.server.store.mails import Mails
from vestibule.server.store.memberships import Memberships
from vestibule.server.store.operators import Operators
from vestibule.server.store.organization_domains import OrganizationDomains
from vestibule.server.store.organizations import Organizations
from vestibule.server.store.owned_keys import OwnedKeys
from vestibule.server.store.passkeys import Passkeys
from vestibule.server.store.passwords import Passwords
from vestibule.server.store.pending import PendingAuthentications
from vestibule.server.store.permissions import Permissions
from vestibule.server.store.policies import Policies
from vestibule.server.store.rates import Rates
from vestibule.server.store.recovery_codes import RecoveryCodes
from vestibule.server.store.redirect_uris import RedirectUris
from vestibule.server.store.refresh_tokens import RefreshTokens
from vestibule.server.store.resets import Resets
from vestibule.server.store.roles import Roles
from vestibule.server.store.sessions import Sessions
from vestibule.server.store.signing_keys import SigningKeys
from vestibule.server.store.user_searches import UserSearches
from vestibule.server.store.users import Users
from vestibule.server.store.verifications import Verifications
from vestibule.server.store.vitals import Vitals
from vestibule.server.store.webhook_deliveries import WebhookDeliveries
from vestibule.server.store.webhooks import WebhookEndpoints


class Transaction:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def finish(self) -> Sequence[str]:
        """What is written last, before the commit. The names of the events that happened."""
        if "events" not in self.__dict__:
            return ()
        self.events.write()
        return self.events.written

    @cached_property
    def activity(self) -> Activity:
        return Activity(self.connection)

    @cached_property
    def api_keys(self) -> ApiKeys:
        return ApiKeys(self.connection)

    @cached_property
    def applications(self) -> Applications:
        return Applications(self.connection)

    @cached_property
    def branding(self) -> Brandings:
        return Brandings(self.connection)

    @cached_property
    def browser_sessions(self) -> BrowserSessions:
        return BrowserSessions(self.connection)

    @cached_property
    def client_secrets(self) -> ClientSecrets:
        return ClientSecrets(self.connection)

    @cached_property
    def codes(self) -> Codes:
        return Codes(self.connection)

    @cached_property
    def consents(self) -> Consents:
        return Consents(self.connection)

    @cached_property
    def cors_origins(self) -> CorsOrigins:
        return CorsOrigins(self.connection)

    @cached_property
    def device_codes(self) -> DeviceCodes:
        return DeviceCodes(self.connection)

    @cached_property
    def email_changes(self) -> EmailChanges:
        return EmailChanges(self.connection)

    @cached_property
    def environment(self) -> Environments:
        return Environments(self.connection)

    @cached_property
    def events(self) -> Events:
        return Events(self.connection)

    @cached_property
    def event_searches(self) -> EventSearches:
        return EventSearches(self.connection)

    @cached_property
    def factors(self) -> Factors:
        return Factors(self.connection)

    @cached_property
    def flags(self) -> Flags:
        return Flags(self.connection)

    @cached_property
    def groups(self) -> Groups:
        return Groups(self.connection)

    @cached_property
    def idempotency(self) -> IdempotentRequests:
        return IdempotentRequests(self.connection)

    @cached_property
    def identities(self) -> Identities:
        return Identities(self.connection)

    @cached_property
    def impersonations(self) -> Impersonations:
        return Impersonations(self.connection)

    @cached_property
    def import_jobs(self) -> ImportJobs:
        return ImportJobs(self.connection)

    @cached_property
    def invitations(self) -> Invitations:
        return Invitations(self.connection)

    @cached_property
    def jwt_templates(self) -> JwtTemplates:
        return JwtTemplates(self.connection)

    @cached_property
    def logins(self) -> Logins:
        return Logins(self.connection)

    @cached_property
    def magic_codes(self) -> MagicCodes:
        return MagicCodes(self.connection)

    @cached_property
    def mails(self) -> Mails:
        return Mails(self.connection)

    @cached_property
    def memberships(self) -> Memberships:
        return Memberships(self.connection)

    @cached_property
    def operators(self) -> Operators:
        return Operators(self.connection)

    @cached_property
    def organization_domains(self) -> OrganizationDomains:
        return OrganizationDomains(self.connection)

    @cached_property
    def organizations(self) -> Organizations:
        return Organizations(self.connection)

    @cached_property
    def owned_keys(self) -> OwnedKeys:
        return OwnedKeys(self.connection)

    @cached_property
    def passkeys(self) -> Passkeys:
        return Passkeys(self.connection)

    @cached_property
    def passwords(self) -> Passwords:
        return Passwords(self.connection)

    @cached_property
    def pending(self) -> PendingAuthentications:
        return PendingAuthentications(self.connection)

    @cached_property
    def permissions(self) -> Permissions:
        return Permissions(self.connection)

    @cached_property
    def policies(self) -> Policies:
        return Policies(self.connection)

    @cached_property
    def rates(self) -> Rates:
        return Rates(self.connection)

    @cached_property
    def recovery_codes(self) -> RecoveryCodes:
        return RecoveryCodes(self.connection)

    @cached_property
    def redirect_uris(self) -> RedirectUris:
        return RedirectUris(self.connection)

    @cached_property
    def refresh_tokens(self) -> RefreshTokens:
        return RefreshTokens(self.connection)

    @cached_property
    def resets(self) -> Resets:
        return Resets(self.connection)

    @cached_property
    def roles(self) -> Roles:
        return Roles(self.connection)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.connection)

    @cached_property
    def signing_keys(self) -> SigningKeys:
        return SigningKeys(self.connection)

    @cached_property
    def user_searches(self) -> UserSearches:
        return UserSearches(self.connection)

    @cached_property
    def users(self) -> Users:
        return Users(self.connection)

    @cached_property
    def verifications(self) -> Verifications:
        return Verifications(self.connection)

    @cached_property
    def vitals(self) -> Vitals:
        return Vitals(self.connection)

    @cached_property
    def webhook_deliveries(self) -> WebhookDeliveries:
        return WebhookDeliveries(self.connection)

    @cached_property
    def webhook_endpoints(self) -> WebhookEndpoints:
        return WebhookEndpoints(self.connection)
