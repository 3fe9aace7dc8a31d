"""Signing in, staying signed in, and the sessions that come of it."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from vestibule.server.store.columns import Json, Moment
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column, user_column

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
    created_column(),
)

browser_sessions = Table(  # the browser's own session at this server
    "browser_sessions",
    metadata,
    Column("id", String, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    user_column(),
    Column("authentication_method", String, nullable=False),
    Column("second_factor", String),  # how one was shown besides: totp | recovery_code | passkey
    Column("authenticated_at", Moment, nullable=False),
    Column("ip_address", String),
    Column("user_agent", Text),
    Column("last_seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment),
    created_column(),
)

authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("client_id", String, nullable=False),
    user_column(),
    Column("redirect_uri", Text, nullable=False),
    Column("code_challenge", String),
    Column("organization_id", String),
    Column("authentication_method", String, nullable=False),
    Column("second_factor", String),
    Column("authenticated_at", Moment, nullable=False),
    Column("browser_session_id", String),
    Column("scope", String),
    Column("nonce", Text),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("consumed_at", Moment),
    Column("session_id", String),  # what a second use of the code revokes
    Column("impersonation_id", String),
    created_column(),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String, primary_key=True),
    Column("client_id", String, nullable=False),
    user_column(),
    Column("organization_id", ForeignKey("organizations.id", ondelete="SET NULL"), index=True),
    Column("browser_session_id", String, index=True),
    Column("authentication_method", String, nullable=False),
    Column("second_factor", String),
    Column("authenticated_at", Moment, nullable=False),
    Column("impersonator", Json),  # {"email", "reason"}
    Column("scope", String),
    Column("ip_address", String),
    Column("user_agent", Text),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("idle_at", Moment),  # when it ends unless it is refreshed before
    Column("ended_at", Moment, index=True),
    created_column(),
    updated_column(),
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
    created_column(),
    UniqueConstraint("session_id", "generation"),
)
