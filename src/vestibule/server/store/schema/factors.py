"""What proves a person besides a password, and who has to."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from vestibule.server.store.columns import Json, Moment
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column, user_column

authentication_factors = Table(
    "authentication_factors",
    metadata,
    Column("id", String, primary_key=True),
    # NULL: an application's own, which no sign-in asks for
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), index=True),
    Column("type", String, nullable=False),  # totp
    Column("issuer", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("secret_sealed", Text, nullable=False),
    Column("last_step", BigInteger),  # of the newest code that was used: none before it counts any more
    Column("verified_at", Moment),  # NULL: never used, so nobody has shown to have it
    created_column(),
    updated_column(),
)

authentication_challenges = Table(
    "authentication_challenges",
    metadata,
    Column("id", String, primary_key=True),
    Column(
        "factor_id",
        ForeignKey("authentication_factors.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("attempts", Integer, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("verified_at", Moment),
    created_column(),
    updated_column(),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),  # keyed, and of user and code together
    user_column(),
    Column("used_at", Moment),
    created_column(),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", String, primary_key=True),
    user_column(),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", Json, nullable=False),
    Column("aaguid", String, nullable=False),
    Column("backed_up", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("last_used_at", Moment),
    created_column(),
    updated_column(),
)

passkey_challenges = Table(
    "passkey_challenges",
    metadata,
    Column("challenge_hash", LargeBinary, primary_key=True),
    Column("purpose", String, nullable=False),  # register | sign_in
    Column("login_hash", LargeBinary, nullable=False),  # the sign-in under way that asked for it
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), index=True),  # whom it names
    Column("expires_at", Moment, nullable=False, index=True),
    created_column(),
)

authentication_policies = Table(
    "authentication_policies",
    metadata,
    Column("id", String, primary_key=True),  # the organization's id, or "environment"
    Column("organization_id", ForeignKey("organizations.id", ondelete="CASCADE"), index=True),
    Column("mfa", String, nullable=False),  # off | optional | required
    Column("methods", Json),  # NULL: every one
    Column("passkey_user_verification", String, nullable=False),  # preferred | required
    Column("passkey_enrollment", String, nullable=False),  # off | offer
    created_column(),
    updated_column(),
)
