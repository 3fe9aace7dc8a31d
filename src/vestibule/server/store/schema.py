"""Every table. What must stay secret is hashed (compared only) or sealed (read again), never in clear."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from vestibule.server.store.columns import Json, Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _user() -> Column[str]:
    return Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True)


def _created() -> Column[object]:
    return Column("created_at", Moment, nullable=False)


def _updated() -> Column[object]:
    return Column("updated_at", Moment, nullable=False)


# -- the environment: one row ---------------------------------------------------------------------

environment = Table(
    "environment",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # staging | production
    Column("client_id", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("sign_out_redirect", Text),
    Column("app_homepage_url", Text),
    Column("initiate_login_url", Text),
    _created(),
    _updated(),
)

redirect_uris = Table(
    "redirect_uris",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # callback | sign_out
    Column("uri", Text, nullable=False),
    Column("is_default", Boolean, nullable=False, default=False),
    _created(),
    _updated(),
    UniqueConstraint("kind", "uri"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    Column("hint", String, nullable=False),  # the last four characters
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
    _created(),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", String, primary_key=True),
    Column("private_sealed", Text, nullable=False),
    Column("public_jwk", Json, nullable=False),  # with x5c and x5t#S256
    Column("signs_from", Moment, nullable=False),  # published before it is used
    Column("signs_until", Moment),
    Column("published_until", Moment),
    _created(),
)

# -- people -----------------------------------------------------------------------------------------

users = Table(
    "users",
    metadata,
    Column("id", String, primary_key=True),
    Column("email", Text, nullable=False),  # as given: mail always goes here
    Column("email_key", Text, nullable=False, unique=True),  # canonical: lookups only
    Column("email_verified", Boolean, nullable=False, default=False),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("name", Text),
    Column("profile_picture_url", Text),
    Column("locale", String),
    Column("external_id", String, unique=True),
    Column("metadata", Json, nullable=False),
    Column("last_sign_in_at", Moment),
    _created(),
    _updated(),
    Index("ix_users_created_at_id", "created_at", "id"),
)

password_credentials = Table(
    "password_credentials",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", Text, nullable=False),
    _updated(),
)

identities = Table(
    "identities",
    metadata,
    Column("provider", String, primary_key=True),
    Column("idp_id", String, primary_key=True),
    _user(),
    _created(),
)

email_verifications = Table(
    "email_verifications",
    metadata,
    Column("id", String, primary_key=True),
    _user(),
    Column("email", Text, nullable=False),
    Column("code_sealed", Text, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("expires_at", Moment, nullable=False),
    Column("consumed_at", Moment),
    _created(),
    _updated(),
)

password_resets = Table(
    "password_resets",
    metadata,
    Column("id", String, primary_key=True),
    _user(),
    Column("email", Text, nullable=False),
    Column("token_sealed", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("expires_at", Moment, nullable=False),
    Column("consumed_at", Moment),
    _created(),
)

pending_authentications = Table(
    "pending_authentications",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    _user(),
    Column("reason", String, nullable=False),  # email_verification | organization_selection
    Column("state", Json, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("consumed_at", Moment),
    _created(),
)

# -- organizations ----------------------------------------------------------------------------------

organizations = Table(
    "organizations",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("external_id", String, unique=True),
    Column("metadata", Json, nullable=False),
    _created(),
    _updated(),
)

roles = Table(
    "roles",
    metadata,
    Column("id", String, primary_key=True),
    Column("organization_id", ForeignKey("organizations.id", ondelete="CASCADE"), index=True),
    Column("slug", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    _created(),
    _updated(),
    UniqueConstraint("organization_id", "slug"),
    # NULLs differ from each other, so the environment's own roles need an index of their own.
    Index(
        "uq_roles_slug_environment",
        "slug",
        unique=True,
        sqlite_where=text("organization_id IS NULL"),
        postgresql_where=text("organization_id IS NULL"),
    ),
)

role_permissions = Table(
    "role_permissions",
    metadata,
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
    Column("permission", String, primary_key=True),
)

memberships = Table(
    "memberships",
    metadata,
    Column("id", String, primary_key=True),
    _user(),
    Column(
        "organization_id",
        ForeignKey("organizations.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("status", String, nullable=False),  # active | inactive | pending
    Column("role", String, nullable=False),  # the slug of the first role
    Column("roles", Json, nullable=False),  # every role slug, the first one included
    _created(),
    _updated(),
    UniqueConstraint("user_id", "organization_id"),
)

# -- signing in -------------------------------------------------------------------------------------

logins = Table(  # one sign-in under way on the hosted pages
    "logins",
    metadata,
    Column("id_hash", LargeBinary, primary_key=True),
    Column("browser_hash", LargeBinary, nullable=False),  # the cookie of the browser that began it
    Column("request", Json, nullable=False),  # the checked authorize parameters; {} when none began it
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), index=True),
    Column("progress", Json, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("finished_at", Moment),
    _created(),
)

browser_sessions = Table(  # the browser's own session at this server
    "browser_sessions",
    metadata,
    Column("id", String, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    _user(),
    Column("authentication_method", String, nullable=False),
    Column("authenticated_at", Moment, nullable=False),
    Column("ip_address", String),
    Column("user_agent", Text),
    Column("last_seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment),
    _created(),
)

authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("client_id", String, nullable=False),
    _user(),
    Column("redirect_uri", Text, nullable=False),
    Column("code_challenge", String),
    Column("organization_id", String),
    Column("authentication_method", String, nullable=False),
    Column("authenticated_at", Moment, nullable=False),
    Column("browser_session_id", String),
    Column("scope", String),
    Column("nonce", Text),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("consumed_at", Moment),
    Column("session_id", String),  # what a second use of the code revokes
    _created(),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String, primary_key=True),
    Column("client_id", String, nullable=False),
    _user(),
    Column("organization_id", ForeignKey("organizations.id", ondelete="SET NULL"), index=True),
    Column("browser_session_id", String, index=True),
    Column("authentication_method", String, nullable=False),
    Column("authenticated_at", Moment, nullable=False),
    Column("impersonator", Json),  # {"email", "reason"}
    Column("scope", String),
    Column("ip_address", String),
    Column("user_agent", Text),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment),
    _created(),
    _updated(),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("generation", Integer, nullable=False),
    Column("used_at", Moment),
    Column("successor_hash", LargeBinary),
    Column("successor_sealed", Text),  # opened only with the token this row is the hash of
    _created(),
    UniqueConstraint("session_id", "generation"),
)

# -- what leaves, and what limits -----------------------------------------------------------------

events = Table(
    "events",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("event", String, nullable=False, index=True),
    Column("data", Json, nullable=False),
    Column("context", Json),
    Column("organization_id", String, index=True),
    _created(),
)

mails = Table(  # the outbox, and the development inbox
    "mails",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("message_sealed", Text, nullable=False),  # subject, text, html: they carry codes and links
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", Moment, nullable=False, index=True),
    Column("sent_at", Moment),
    Column("failed_at", Moment),
    Column("last_error", Text),
    _created(),
)

rate_windows = Table(
    "rate_windows",
    metadata,
    Column("key_hash", LargeBinary, primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("count", Integer, nullable=False),
)

idempotent_requests = Table(
    "idempotent_requests",
    metadata,
    Column("key_hash", LargeBinary, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("answer_sealed", Text),
    Column("expires_at", Moment, nullable=False, index=True),
    _created(),
)
