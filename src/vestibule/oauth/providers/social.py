"""Where people meet, play and listen."""

from vestibule.oauth.provider import ErrorShape, ProfileMap, Provider, Slot, TokenEndpoint, UserEndpoint

FACEBOOK = Provider(
    id="facebook",
    name="Facebook",
    verified_on="2026-12-01",
    source="django-allauth, better-auth",
    docs="https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow",
    slots={"version": Slot(example="v24.0", pattern=r"v[0-9]{1,3}\.[0-9]", default="v24.0")},
    namespace="facebook",
    authorize_url="https://www.facebook.com/{version}/dialog/oauth",
    scopes=("email", "public_profile"),
    scope_separator=",",
    tokens=TokenEndpoint(
        url="https://graph.facebook.com/{version}/oauth/access_token",
        errors=ErrorShape(word="error.code", message="error.message"),
    ),
    user=UserEndpoint(
        url="https://graph.facebook.com/{version}/me",
        query={"fields": "id,name,first_name,last_name,email,picture"},
        appsecret_proof=True,
        errors=ErrorShape(word="error.code", message="error.message"),
    ),
    profile=ProfileMap(
        subject=("id",),
        email_proof="none",
        given_name="first_name",
        family_name="last_name",
        picture=("picture.data.url",),
    ),
    quirks=(
        "The address may be missing, and is not said to be verified.",
        "Each request for a profile carries `appsecret_proof`.",
        "The version of its API is a setting: `facebook(version=…)`.",
    ),
)

X = Provider(
    id="x",
    name="X",
    verified_on="2026-12-01",
    source="django-allauth, better-auth, Aura, the provider's documentation",
    docs="https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code",
    aliases=("twitter",),
    authorize_url="https://x.com/i/oauth2/authorize",
    pkce="required",
    scopes=("users.read", "tweet.read", "offline.access", "users.email"),
    tokens=TokenEndpoint(url="https://api.x.com/2/oauth2/token", auth="basic", rotates=True),
    user=UserEndpoint(
        url="https://api.x.com/2/users/me",
        query={"user.fields": "profile_image_url,confirmed_email"},
        errors=ErrorShape(word="title", message="detail"),
    ),
    profile=ProfileMap(
        root="data",
        subject=("id",),
        email="confirmed_email",
        email_proof="presence",
        username="username",
        picture=("profile_image_url",),
    ),
    revoke_url="https://api.x.com/2/oauth2/revoke",
    quirks=(
        "`confirmed_email` needs the scope `users.email`, and an app that may ask for it.",
        "`users.read` works with `tweet.read` only.",
    ),
)

DISCORD = Provider(
    id="discord",
    name="Discord",
    verified_on="2026-12-01",
    source="django-allauth, better-auth, Aura",
    docs="https://docs.discord.com/developers/topics/oauth2",
    authorize_url="https://discord.com/oauth2/authorize",
    scopes=("identify", "email"),
    tokens=TokenEndpoint(url="https://discord.com/api/oauth2/token", rotates=True),
    user=UserEndpoint(
        url="https://discord.com/api/users/@me", errors=ErrorShape(word="code", message="message")
    ),
    profile=ProfileMap(
        subject=("id",),
        email_verified=("verified",),
        name=("global_name", "username"),
        username="username",
        picture=("avatar",),
        picture_format="https://cdn.discordapp.com/avatars/{id}/{}.png",
    ),
    revoke_url="https://discord.com/api/oauth2/token/revoke",
    quirks=("The picture's address is made of the id and a hash.",),
)

SPOTIFY = Provider(
    id="spotify",
    name="Spotify",
    verified_on="2026-12-01",
    source="django-allauth, better-auth, Aura",
    docs="https://developer.spotify.com/documentation/web-api/tutorials/code-flow",
    authorize_url="https://accounts.spotify.com/authorize",
    scopes=("user-read-email", "user-read-private"),
    tokens=TokenEndpoint(url="https://accounts.spotify.com/api/token", auth="basic"),
    user=UserEndpoint(
        url="https://api.spotify.com/v1/me", errors=ErrorShape(word="error.status", message="error.message")
    ),
    profile=ProfileMap(
        subject=("id",), email_proof="none", name=("display_name", "id"), picture=("images.0.url",)
    ),
    quirks=(
        "Addresses are not verified, by its own documentation.",
        "A callback at `localhost` is refused: use 127.0.0.1.",
        "An app in development mode lets listed people in only.",
    ),
)

TWITCH = Provider(
    id="twitch",
    name="Twitch",
    kind="oidc",
    verified_on="2026-12-01",
    source="django-allauth, better-auth, the provider's documentation",
    docs="https://dev.twitch.tv/docs/authentication/getting-tokens-oidc/",
    issuer="https://id.twitch.tv/oauth2",
    authorize_params={
        "claims": '{"id_token":{"email":null,"email_verified":null,"picture":null,"preferred_username":null},'
        '"userinfo":{"email":null,"email_verified":null,"picture":null,"preferred_username":null}}'
    },
    pkce="ignored",
    scopes=("openid", "user:read:email"),
    profile=ProfileMap(name=("preferred_username",)),
    revoke_url="https://id.twitch.tv/oauth2/revoke",
    quirks=(
        "Says an address and whether it is verified when the parameter `claims` asks for them.",
        "The scopes of its tokens are a list.",
        "Asked as OpenID Connect, unlike Aura; the subject is the same.",
    ),
)

STRAVA = Provider(
    id="strava",
    name="Strava",
    verified_on="2026-12-01",
    source="django-allauth, Aura",
    docs="https://developers.strava.com/docs/authentication/",
    authorize_url="https://www.strava.com/oauth/authorize",
    pkce="ignored",
    scopes=("read",),
    scope_separator=",",
    tokens=TokenEndpoint(
        url="https://www.strava.com/oauth/token",
        rotates=True,
        errors=ErrorShape(word="errors.0.code", message="message"),
    ),
    user=UserEndpoint(
        url="https://www.strava.com/api/v3/athlete",
        errors=ErrorShape(word="errors.0.code", message="message"),
    ),
    profile=ProfileMap(
        subject=("id",),
        email_proof="none",
        name=(),
        given_name="firstname",
        family_name="lastname",
        username="username",
        picture=("profile",),
    ),
    quirks=("Gives no e-mail address.", "An app is registered with the domain of its callback."),
)

PINTEREST = Provider(
    id="pinterest",
    name="Pinterest",
    verified_on="2026-12-01",
    source="django-allauth, social-core, Aura",
    docs="https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/",
    authorize_url="https://www.pinterest.com/oauth/",
    pkce="ignored",
    scopes=("user_accounts:read",),
    scope_separator=",",
    tokens=TokenEndpoint(
        url="https://api.pinterest.com/v5/oauth/token",
        auth="basic",
        errors=ErrorShape(word="code", message="message"),
    ),
    user=UserEndpoint(
        url="https://api.pinterest.com/v5/user_account", errors=ErrorShape(word="code", message="message")
    ),
    profile=ProfileMap(
        subject=("id",),
        email_proof="none",
        name=("username",),
        username="username",
        picture=("profile_image",),
    ),
    quirks=("Gives no e-mail address.",),
)

REDDIT = Provider(
    id="reddit",
    name="Reddit",
    verified=False,
    source="django-allauth, better-auth",
    docs="https://github.com/reddit-archive/reddit/wiki/OAuth2",
    authorize_url="https://www.reddit.com/api/v1/authorize",
    authorize_params={"duration": "permanent"},
    pkce="ignored",
    scopes=("identity",),
    tokens=TokenEndpoint(url="https://www.reddit.com/api/v1/access_token", auth="basic"),
    user=UserEndpoint(url="https://oauth.reddit.com/api/v1/me"),
    profile=ProfileMap(
        subject=("id",), email_proof="none", name=("name",), username="name", picture=("icon_img",)
    ),
    quirks=("Gives no e-mail address.",),
)

TIKTOK = Provider(
    id="tiktok",
    name="TikTok",
    verified=False,
    source="django-allauth, better-auth",
    docs="https://developers.tiktok.com/doc/login-kit-web/",
    authorize_url="https://www.tiktok.com/v2/auth/authorize/",
    scopes=("user.info.basic", "user.info.profile"),
    scope_separator=",",
    tokens=TokenEndpoint(url="https://open.tiktokapis.com/v2/oauth/token/", id_param="client_key"),
    user=UserEndpoint(
        url="https://open.tiktokapis.com/v2/user/info/",
        query={"fields": "open_id,union_id,avatar_url,display_name"},
        errors=ErrorShape(word="error.code", message="error.message", fine=(None, "", "ok")),
    ),
    profile=ProfileMap(
        root="data.user",
        subject=("open_id",),
        email_proof="none",
        name=("display_name",),
        picture=("avatar_url",),
    ),
    quirks=("The client id is called `client_key`.", "`open_id` is another in each app."),
)

PATREON = Provider(
    id="patreon",
    name="Patreon",
    verified=False,
    source="django-allauth, social-core",
    docs="https://docs.patreon.com/#oauth",
    authorize_url="https://www.patreon.com/oauth2/authorize",
    pkce="ignored",
    scopes=("identity", "identity[email]"),
    tokens=TokenEndpoint(url="https://www.patreon.com/api/oauth2/token"),
    user=UserEndpoint(
        url="https://www.patreon.com/api/oauth2/v2/identity",
        query={"fields[user]": "email,full_name,image_url,is_email_verified"},
    ),
    profile=ProfileMap(
        root="data",
        subject=("id",),
        email="attributes.email",
        email_verified=("attributes.is_email_verified",),
        name=("attributes.full_name",),
        picture=("attributes.image_url",),
    ),
)

ALL = (FACEBOOK, X, DISCORD, SPOTIFY, TWITCH, STRAVA, PINTEREST, REDDIT, TIKTOK, PATREON)
