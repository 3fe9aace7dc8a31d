"""Where people keep code and designs."""

from vestibule.oauth.provider import (
    HOST,
    EmailList,
    ErrorShape,
    ProfileMap,
    Provider,
    Slot,
    TokenEndpoint,
    UserEndpoint,
)

GITHUB = Provider(
    id="github",
    name="GitHub",
    verified_on="2026-12-01",
    source="django-allauth, better-auth, Aura",
    docs="https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
    slots={
        "host": Slot(example="github.example.com", pattern=HOST, default="github.com"),
        "api": Slot(
            example="github.example.com/api/v3", pattern=HOST + "(/api/v3)?", default="api.github.com"
        ),
    },
    authorize_url="https://{host}/login/oauth/authorize",
    scopes=("read:user", "user:email"),
    tokens=TokenEndpoint(url="https://{host}/login/oauth/access_token"),
    user=UserEndpoint(url="https://{api}/user", emails=EmailList(url="https://{api}/user/emails")),
    profile=ProfileMap(
        subject=("id",), email_proof="list", name=("name", "login"), username="login", picture=("avatar_url",)
    ),
    quirks=(
        "Its token endpoint answers a form unless asked for JSON, and errors come with status 200.",
        "The address comes from `/user/emails`: the public one may be missing, and is not the proven one.",
        "`login` can be given to somebody else; the number is the key.",
        "Enterprise: `github(host=…)`; its people are others than those of github.com.",
    ),
)

GITLAB = Provider(
    id="gitlab",
    name="GitLab",
    kind="oidc",
    verified_on="2026-12-01",
    source="django-allauth, better-auth, Aura",
    docs="https://docs.gitlab.com/integration/openid_connect_provider/",
    slots={"host": Slot(example="gitlab.example.com", pattern=HOST, default="gitlab.com")},
    issuer="https://{host}",
    scopes=("openid", "profile", "email"),
    tokens=TokenEndpoint(rotates=True),
    profile=ProfileMap(username="nickname"),
    quirks=(
        "Asked as OpenID Connect, unlike Aura, as its API does not say whether an address is verified.",
        "Of your own: `gitlab(host=…)`.",
        "Access tokens last two hours.",
    ),
)

BITBUCKET = Provider(
    id="bitbucket",
    name="Bitbucket",
    verified_on="2026-12-01",
    source="django-allauth, social-core, Aura",
    docs="https://developer.atlassian.com/cloud/bitbucket/oauth-2/",
    authorize_url="https://bitbucket.org/site/oauth2/authorize",
    scopes=("account", "email"),
    tokens=TokenEndpoint(url="https://bitbucket.org/site/oauth2/access_token", auth="basic"),
    user=UserEndpoint(
        url="https://api.bitbucket.org/2.0/user",
        errors=ErrorShape(word="type", message="error.message", fine=(None, "user")),
        emails=EmailList(
            url="https://api.bitbucket.org/2.0/user/emails",
            items="values",
            primary="is_primary",
            verified="is_confirmed",
        ),
    ),
    profile=ProfileMap(
        subject=("uuid",),
        email_proof="list",
        name=("display_name", "nickname"),
        username="nickname",
        picture=("links.avatar.href",),
        active=("account_status", "active"),
    ),
    quirks=(
        "Scopes are those of the consumer, whatever is asked for.",
        "The address comes from `/2.0/user/emails`.",
    ),
)

ATLASSIAN = Provider(
    id="atlassian",
    name="Atlassian",
    verified_on="2026-12-01",
    source="django-allauth, better-auth, Aura",
    docs="https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/",
    authorize_url="https://auth.atlassian.com/authorize",
    authorize_params={"audience": "api.atlassian.com", "prompt": "consent"},
    scopes=("read:me",),
    tokens=TokenEndpoint(url="https://auth.atlassian.com/oauth/token", rotates=True),
    user=UserEndpoint(url="https://api.atlassian.com/me", errors=ErrorShape(word="code", message="message")),
    profile=ProfileMap(
        subject=("account_id",),
        email_proof="none",
        name=("name", "nickname"),
        username="nickname",
        active=("account_status", "active"),
    ),
    quirks=("For a refresh token, add the scope `offline_access`.",),
)

FIGMA = Provider(
    id="figma",
    name="Figma",
    verified_on="2026-12-01",
    source="django-allauth, better-auth, Aura",
    docs="https://developers.figma.com/docs/rest-api/authentication/",
    authorize_url="https://www.figma.com/oauth",
    scopes=("current_user:read",),
    tokens=TokenEndpoint(
        url="https://api.figma.com/v1/oauth/token",
        refresh_url="https://api.figma.com/v1/oauth/refresh",
        auth="basic",
        errors=ErrorShape(message="message"),
    ),
    user=UserEndpoint(url="https://api.figma.com/v1/me", errors=ErrorShape(word="err", message="err")),
    profile=ProfileMap(
        subject=("id",), email_proof="none", name=("handle",), username="handle", picture=("img_url",)
    ),
)

CLICKUP = Provider(
    id="clickup",
    name="ClickUp",
    verified_on="2026-12-01",
    source="Aura, the provider's documentation",
    docs="https://developer.clickup.com/docs/authentication",
    aliases=("clickUp", "click-up"),
    authorize_url="https://app.clickup.com/api",
    tokens=TokenEndpoint(
        url="https://api.clickup.com/api/v2/oauth/token", errors=ErrorShape(word="ECODE", message="err")
    ),
    user=UserEndpoint(
        url="https://api.clickup.com/api/v2/user",
        scheme="",
        errors=ErrorShape(word="ECODE", message="err"),
    ),
    profile=ProfileMap(
        root="user",
        subject=("id",),
        email_proof="none",
        name=("username",),
        username="username",
        picture=("profilePicture",),
    ),
    quirks=("The access token stands in `Authorization` alone, without Bearer.", "No scopes."),
)

DRIBBBLE = Provider(
    id="dribbble",
    name="Dribbble",
    verified_on="2026-12-01",
    source="Aura",
    docs="https://developer.dribbble.com/v2/oauth/",
    authorize_url="https://dribbble.com/oauth/authorize",
    scopes=("public",),
    tokens=TokenEndpoint(url="https://dribbble.com/oauth/token"),
    user=UserEndpoint(url="https://api.dribbble.com/v2/user", errors=ErrorShape(word="message", message="")),
    profile=ProfileMap(
        subject=("id",),
        email_proof="none",
        name=("name", "login"),
        username="login",
        picture=("avatar_url",),
    ),
    quirks=("Seldom gives an e-mail address.",),
)

HUGGINGFACE = Provider(
    id="huggingface",
    name="Hugging Face",
    kind="oidc",
    verified_on="2026-12-01",
    source="better-auth, Aura",
    docs="https://huggingface.co/docs/hub/oauth",
    aliases=("hugging-face",),
    issuer="https://huggingface.co",
    scopes=("openid", "profile", "email"),
    profile=ProfileMap(name=("name", "preferred_username")),
)

LINEAR = Provider(
    id="linear",
    name="Linear",
    verified=False,
    source="better-auth",
    docs="https://linear.app/developers/oauth-2-0-authentication",
    authorize_url="https://linear.app/oauth/authorize",
    scopes=("read",),
    scope_separator=",",
    tokens=TokenEndpoint(url="https://api.linear.app/oauth/token"),
    user=UserEndpoint(
        url="https://api.linear.app/graphql",
        method="POST",
        headers={"Content-Type": "application/json"},
        body='{"query":"{viewer{id name email avatarUrl}}"}',
        errors=ErrorShape(word="errors.0.message", message=""),
    ),
    profile=ProfileMap(root="data.viewer", subject=("id",), email_proof="none", picture=("avatarUrl",)),
    quirks=("Who somebody is, is a GraphQL query.",),
)

DIGITALOCEAN = Provider(
    id="digitalocean",
    name="DigitalOcean",
    verified=False,
    source="django-allauth, social-core",
    docs="https://docs.digitalocean.com/reference/api/oauth/",
    authorize_url="https://cloud.digitalocean.com/v1/oauth/authorize",
    scopes=("read",),
    tokens=TokenEndpoint(url="https://cloud.digitalocean.com/v1/oauth/token"),
    user=UserEndpoint(url="https://api.digitalocean.com/v2/account"),
    profile=ProfileMap(root="account", subject=("uuid",)),
)

ALL = (
    GITHUB,
    GITLAB,
    BITBUCKET,
    ATLASSIAN,
    FIGMA,
    CLICKUP,
    DRIBBBLE,
    HUGGINGFACE,
    LINEAR,
    DIGITALOCEAN,
)
