"""The large accounts, and where people work."""

from vestibule.oauth.provider import ErrorShape, ProfileMap, Provider, Slot, TokenEndpoint, UserEndpoint

GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# The tenant of everybody's private account at Microsoft.
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"

GOOGLE = Provider(
    id="google",
    name="Google",
    kind="oidc",
    verified_on="2026-12-01",
    source="django-allauth, better-auth, Aura",
    docs="https://developers.google.com/identity/openid-connect/openid-connect",
    issuer="https://accounts.google.com",
    issuers=("accounts.google.com",),
    key_hosts=("www.googleapis.com",),
    scopes=("openid", "email", "profile"),
    quirks=(
        "An ID token may write its issuer without `https://`.",
        "A refresh token comes with `offline=True` only.",
        "`hosted_domain=…` lets one organization in: it is checked in the ID token, not just asked for.",
    ),
)

MICROSOFT = Provider(
    id="microsoft",
    name="Microsoft",
    kind="oidc",
    verified_on="2026-12-01",
    source="django-allauth, better-auth",
    docs="https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc",
    aliases=("azure", "azure-ad", "entra", "entra-id", "microsoft-entra-id"),
    slots={
        "tenant": Slot(
            example="common",
            pattern=f"common|organizations|consumers|{GUID}",
            default="common",
            in_issuer={"common": "{tenantid}", "organizations": "{tenantid}", "consumers": CONSUMERS},
        )
    },
    namespace="microsoft",
    issuer="https://login.microsoftonline.com/{tenant_in_issuer}/v2.0",
    discovery_url="https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration",
    scopes=("openid", "profile", "email", "offline_access"),
    user=None,
    profile=ProfileMap(subject=("tid", "oid"), email_proof="none"),
    links_by_email=False,
    quirks=(
        "Anybody can write any address into a directory of theirs: never joined by e-mail.",
        "The key is tenant and object (`tid`, `oid`).",
        "With `common` its issuer holds `{tenantid}`, which becomes the tenant of the ID token.",
        "A tenant is given by its number, which does not change hands as names do.",
        "A redirect URI of the kind Web: with the kind Single-page application it refuses the secret.",
    ),
)

APPLE = Provider(
    id="apple",
    name="Apple",
    kind="oidc",
    verified_on="2026-12-01",
    source="django-allauth, better-auth",
    docs="https://developer.apple.com/documentation/signinwithapple",
    issuer="https://appleid.apple.com",
    keys_url="https://appleid.apple.com/auth/keys",
    authorize_url="https://appleid.apple.com/auth/authorize",
    response_mode="form_post",
    scopes=("name", "email"),
    tokens=TokenEndpoint(url="https://appleid.apple.com/auth/token", auth="apple_jwt"),
    user=None,
    revoke_url="https://appleid.apple.com/auth/revoke",
    quirks=(
        "The client secret is a token that we sign with your key for each request.",
        "With scopes the answer comes as a cross-site POST (`form_post`).",
        "The name comes once, beside the first sign-in.",
        "Addresses may be relays, and `email_verified` a text.",
        "No callback at localhost.",
        "Its discovery document has named another issuer than its tokens at times, so it is not asked.",
    ),
)

LINKEDIN = Provider(
    id="linkedin",
    name="LinkedIn",
    kind="oidc",
    verified_on="2026-12-01",
    source="django-allauth, better-auth, reports of 2023 to 2026 about code_verifier",
    docs="https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2",
    issuer="https://www.linkedin.com/oauth",
    nonce_may_be_missing=True,
    pkce="refused",
    scopes=("openid", "profile", "email"),
    quirks=(
        "Refuses a web app's secret when a `code_verifier` comes with it: the one provider without PKCE.",
        "Some ID tokens lack the nonce; one that has it must have the right one.",
    ),
)

SLACK = Provider(
    id="slack",
    name="Slack",
    kind="oidc",
    verified_on="2026-12-01",
    source="django-allauth, better-auth, the provider's documentation",
    docs="https://docs.slack.dev/authentication/sign-in-with-slack/",
    issuer="https://slack.com",
    scopes=("openid", "profile", "email"),
    profile=ProfileMap(
        subject=("https://slack.com/team_id", "https://slack.com/user_id"),
        picture=("picture", "https://slack.com/user_image_192"),
    ),
    quirks=(
        "Errors come with status 200 and `ok: false`.",
        "The key is workspace and user.",
        "The callback has to be https.",
    ),
)

NOTION = Provider(
    id="notion",
    name="Notion",
    verified_on="2026-12-01",
    source="django-allauth, better-auth, Aura, the provider's documentation",
    docs="https://developers.notion.com/docs/authorization",
    authorize_url="https://api.notion.com/v1/oauth/authorize",
    authorize_params={"owner": "user"},
    pkce="ignored",
    tokens=TokenEndpoint(url="https://api.notion.com/v1/oauth/token", auth="basic", encoding="json"),
    user=UserEndpoint(
        url="https://api.notion.com/v1/users/me",
        headers={"Notion-Version": "2022-06-28"},
        errors=ErrorShape(word="code", message="message"),
    ),
    profile=ProfileMap(
        root="bot.owner.user",
        subject=("id",),
        email="person.email",
        email_proof="none",
        picture=("avatar_url",),
    ),
    quirks=(
        "The token is a bot's; the key is the person who owns it. Aura takes the bot, another one each time.",
        "No scopes; the token request is JSON.",
    ),
)

DROPBOX = Provider(
    id="dropbox",
    name="Dropbox",
    verified_on="2026-12-01",
    source="django-allauth, better-auth, Aura",
    docs="https://developers.dropbox.com/oauth-guide",
    authorize_url="https://www.dropbox.com/oauth2/authorize",
    authorize_params={"token_access_type": "offline"},
    scopes=("account_info.read",),
    tokens=TokenEndpoint(url="https://api.dropboxapi.com/oauth2/token"),
    user=UserEndpoint(
        url="https://api.dropboxapi.com/2/users/get_current_account",
        method="POST",
        headers={"Content-Type": "application/json"},
        body="null",
        errors=ErrorShape(word="error_summary", message="user_message.text"),
    ),
    profile=ProfileMap(
        subject=("account_id",),
        name=("name.display_name",),
        given_name="name.given_name",
        family_name="name.surname",
        picture=("profile_photo_url",),
    ),
    quirks=("Who somebody is, is a POST.",),
)

HUBSPOT = Provider(
    id="hubspot",
    name="HubSpot",
    verified_on="2026-12-01",
    source="django-allauth, social-core, Aura",
    docs="https://developers.hubspot.com/docs/apps/legacy-apps/authentication/oauth-quickstart-guide",
    authorize_url="https://app.hubspot.com/oauth/authorize",
    pkce="ignored",
    scopes=("oauth",),
    tokens=TokenEndpoint(
        url="https://api.hubapi.com/oauth/v1/token", errors=ErrorShape(word="status", message="message")
    ),
    user=UserEndpoint(
        url="https://api.hubapi.com/oauth/v1/access-tokens/{access_token}",
        scheme=None,
        errors=ErrorShape(word="status", message="message"),
    ),
    profile=ProfileMap(
        subject=("hub_id", "user_id"), email="user", email_proof="none", name=("user",), username="user"
    ),
    quirks=(
        "The access token stands in an address, which must not be logged.",
        "The key is account and user; Aura takes the user alone.",
    ),
)

MAILCHIMP = Provider(
    id="mailchimp",
    name="Mailchimp",
    verified_on="2026-12-01",
    source="django-allauth, Aura",
    docs="https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/",
    authorize_url="https://login.mailchimp.com/oauth2/authorize",
    pkce="ignored",
    tokens=TokenEndpoint(url="https://login.mailchimp.com/oauth2/token"),
    user=UserEndpoint(url="https://login.mailchimp.com/oauth2/metadata", scheme="OAuth"),
    profile=ProfileMap(
        subject=("user_id", "login.login_id"),
        email="login.email",
        email_proof="none",
        name=("accountname", "login.login_name"),
        username="login.login_name",
        picture=("login.avatar",),
    ),
    quirks=(
        "The header says OAuth instead of Bearer, and tokens do not expire.",
        "The key is account and login, as an account has several people; Aura takes the account alone.",
        "Use 127.0.0.1, not localhost.",
    ),
)

ZOOM = Provider(
    id="zoom",
    name="Zoom",
    verified=False,
    source="django-allauth, better-auth, social-core",
    docs="https://developers.zoom.us/docs/integrations/oauth/",
    authorize_url="https://zoom.us/oauth/authorize",
    scopes=("user:read:user",),
    tokens=TokenEndpoint(
        url="https://zoom.us/oauth/token",
        auth="basic",
        rotates=True,
        errors=ErrorShape(message="reason"),
    ),
    user=UserEndpoint(
        url="https://api.zoom.us/v2/users/me", errors=ErrorShape(word="code", message="message")
    ),
    profile=ProfileMap(
        subject=("id",),
        email_proof="none",
        name=("display_name",),
        given_name="first_name",
        family_name="last_name",
        picture=("pic_url",),
    ),
    quirks=("`verified` is a number and no proof for us.", "Scopes are set on the app."),
)

SALESFORCE = Provider(
    id="salesforce",
    name="Salesforce",
    kind="oidc",
    verified=False,
    source="django-allauth, better-auth, social-core",
    docs="https://help.salesforce.com/s/articleView?id=sf.remoteaccess_authenticate.htm",
    slots={
        "host": Slot(
            example="test.salesforce.com",
            pattern=r"[a-z0-9.-]+\.salesforce\.com",
            default="login.salesforce.com",
        )
    },
    issuer="https://{host}",
    scopes=("openid", "profile", "email"),
    quirks=("`instance_url` comes with the tokens.", "The sandbox is another host."),
)

BOX = Provider(
    id="box",
    name="Box",
    verified=False,
    source="django-allauth, social-core",
    docs="https://developer.box.com/guides/authentication/oauth2/",
    authorize_url="https://account.box.com/api/oauth2/authorize",
    pkce="ignored",
    tokens=TokenEndpoint(url="https://api.box.com/oauth2/token", rotates=True),
    user=UserEndpoint(
        url="https://api.box.com/2.0/users/me", errors=ErrorShape(word="code", message="message")
    ),
    profile=ProfileMap(
        subject=("id",),
        email="login",
        email_proof="none",
        picture=("avatar_url",),
        active=("status", "active"),
    ),
    revoke_url="https://api.box.com/oauth2/revoke",
)

ALL = (
    GOOGLE,
    MICROSOFT,
    APPLE,
    LINKEDIN,
    SLACK,
    NOTION,
    DROPBOX,
    HUBSPOT,
    MAILCHIMP,
    ZOOM,
    SALESFORCE,
    BOX,
)
