"""Accounts that many people have in some parts of the world. None of these has been tried yet."""

from vestibule.oauth.provider import ErrorShape, ProfileMap, Provider, TokenEndpoint, UserEndpoint

LINE = Provider(
    id="line",
    name="LINE",
    kind="oidc",
    verified=False,
    source="django-allauth, better-auth, social-core",
    docs="https://developers.line.biz/en/docs/line-login/integrate-line-login/",
    issuer="https://access.line.me",
    keys_url="https://api.line.me/oauth2/v2.1/certs",
    id_token_algorithms=("HS256",),
    authorize_url="https://access.line.me/oauth2/v2.1/authorize",
    scopes=("openid", "profile", "email"),
    tokens=TokenEndpoint(url="https://api.line.me/oauth2/v2.1/token"),
    user=UserEndpoint(url="https://api.line.me/oauth2/v2.1/userinfo"),
    profile=ProfileMap(email_proof="none"),
    revoke_url="https://api.line.me/oauth2/v2.1/revoke",
    quirks=("Signs ID tokens with the channel secret.", "An address needs an app that may ask for it."),
)

KAKAO = Provider(
    id="kakao",
    name="Kakao",
    verified=False,
    source="django-allauth, better-auth, social-core",
    docs="https://developers.kakao.com/docs/latest/en/kakaologin/rest-api",
    authorize_url="https://kauth.kakao.com/oauth/authorize",
    scopes=("account_email", "profile_image", "profile_nickname"),
    scope_separator=",",
    tokens=TokenEndpoint(url="https://kauth.kakao.com/oauth/token"),
    user=UserEndpoint(url="https://kapi.kakao.com/v2/user/me", errors=ErrorShape(word="code", message="msg")),
    profile=ProfileMap(
        subject=("id",),
        email="kakao_account.email",
        email_verified=("kakao_account.is_email_valid", "kakao_account.is_email_verified"),
        name=("kakao_account.profile.nickname",),
        picture=("kakao_account.profile.profile_image_url",),
    ),
)

NAVER = Provider(
    id="naver",
    name="Naver",
    verified=False,
    source="django-allauth, better-auth, social-core",
    docs="https://developers.naver.com/docs/login/api/api.md",
    authorize_url="https://nid.naver.com/oauth2.0/authorize",
    pkce="ignored",
    tokens=TokenEndpoint(url="https://nid.naver.com/oauth2.0/token", from_callback=("state",)),
    user=UserEndpoint(
        url="https://openapi.naver.com/v1/nid/me",
        errors=ErrorShape(word="resultcode", message="message", fine=(None, "00")),
    ),
    profile=ProfileMap(
        root="response",
        subject=("id",),
        email_proof="none",
        name=("name", "nickname"),
        picture=("profile_image",),
    ),
)

YANDEX = Provider(
    id="yandex",
    name="Yandex",
    verified=False,
    source="django-allauth, social-core",
    docs="https://yandex.com/dev/id/doc/en/",
    authorize_url="https://oauth.yandex.com/authorize",
    scopes=("login:info", "login:email"),
    tokens=TokenEndpoint(url="https://oauth.yandex.com/token"),
    user=UserEndpoint(url="https://login.yandex.ru/info", query={"format": "json"}, scheme="OAuth"),
    profile=ProfileMap(
        subject=("id",),
        email="default_email",
        email_proof="none",
        name=("real_name", "display_name"),
        given_name="first_name",
        family_name="last_name",
        username="login",
    ),
)

VK = Provider(
    id="vk",
    name="VK",
    verified=False,
    source="django-allauth, better-auth",
    docs="https://id.vk.com/about/business/go/docs/en/vkid/latest/vk-id/connection/start-integration",
    authorize_url="https://id.vk.com/authorize",
    pkce="required",
    scopes=("email", "phone"),
    tokens=TokenEndpoint(url="https://id.vk.com/oauth2/auth", from_callback=("device_id",)),
    user=UserEndpoint(
        url="https://id.vk.com/oauth2/user_info",
        method="POST",
        form={"client_id": "{client_id}", "access_token": "{access_token}"},
    ),
    profile=ProfileMap(
        root="user",
        subject=("user_id",),
        email_proof="none",
        name=(),
        given_name="first_name",
        family_name="last_name",
        picture=("avatar",),
    ),
)

WECHAT = Provider(
    id="wechat",
    name="WeChat",
    verified=False,
    source="django-allauth, better-auth",
    docs="https://developers.weixin.qq.com/doc/oplatform/en/Website_App/WeChat_Login/Wechat_Login.html",
    aliases=("weixin",),
    authorize_url="https://open.weixin.qq.com/connect/qrconnect#wechat_redirect",
    pkce="ignored",
    scopes=("snsapi_login",),
    tokens=TokenEndpoint(
        url="https://api.weixin.qq.com/sns/oauth2/access_token",
        method="GET",
        id_param="appid",
        key_param="secret",
        errors=ErrorShape(word="errcode", message="errmsg"),
    ),
    user=UserEndpoint(
        url="https://api.weixin.qq.com/sns/userinfo",
        scheme=None,
        query={"access_token": "{access_token}", "openid": "{openid}"},
        errors=ErrorShape(word="errcode", message="errmsg"),
    ),
    profile=ProfileMap(subject=("openid",), email_proof="none", name=("nickname",), picture=("headimgurl",)),
    quirks=("Secret and token stand in addresses, which must not be logged.",),
)

YAHOO = Provider(
    id="yahoo",
    name="Yahoo",
    kind="oidc",
    verified=False,
    source="django-allauth, social-core",
    docs="https://developer.yahoo.com/sign-in-with-yahoo/",
    issuer="https://api.login.yahoo.com",
    scopes=("openid", "profile", "email"),
    tokens=TokenEndpoint(auth="basic"),
    quirks=("The callback has to be https.",),
)

ALL = (LINE, KAKAO, NAVER, YANDEX, VK, WECHAT, YAHOO)
