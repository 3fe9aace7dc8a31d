"""Where people buy, sell and pay. None of these has been tried yet."""

from vestibule.oauth.provider import ErrorShape, ProfileMap, Provider, Slot, TokenEndpoint, UserEndpoint

AMAZON = Provider(
    id="amazon",
    name="Amazon",
    verified=False,
    source="django-allauth, social-core",
    docs="https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html",
    authorize_url="https://www.amazon.com/ap/oa",
    scopes=("profile",),
    tokens=TokenEndpoint(url="https://api.amazon.com/auth/o2/token"),
    user=UserEndpoint(url="https://api.amazon.com/user/profile"),
    profile=ProfileMap(subject=("user_id",), email_proof="none"),
)

PAYPAL = Provider(
    id="paypal",
    name="PayPal",
    verified=False,
    source="better-auth, social-core",
    docs="https://developer.paypal.com/docs/log-in-with-paypal/",
    slots={
        "host": Slot(
            example="www.sandbox.paypal.com",
            pattern=r"www\.(?:sandbox\.)?paypal\.com",
            default="www.paypal.com",
        ),
        "api": Slot(
            example="api-m.sandbox.paypal.com",
            pattern=r"api-m\.(?:sandbox\.)?paypal\.com",
            default="api-m.paypal.com",
        ),
    },
    authorize_url="https://{host}/signin/authorize",
    scopes=("openid", "email", "profile"),
    tokens=TokenEndpoint(url="https://{api}/v1/oauth2/token", auth="basic"),
    user=UserEndpoint(url="https://{api}/v1/identity/oauth2/userinfo", query={"schema": "paypalv1.1"}),
    profile=ProfileMap(subject=("user_id",), email="emails.0.value", email_verified=("emails.0.confirmed",)),
    quirks=("The sandbox is other hosts.",),
)

STRIPE = Provider(
    id="stripe",
    name="Stripe",
    verified=False,
    source="django-allauth, social-core",
    docs="https://docs.stripe.com/connect/oauth-reference",
    authorize_url="https://connect.stripe.com/oauth/authorize",
    pkce="ignored",
    scopes=("read_only",),
    tokens=TokenEndpoint(url="https://connect.stripe.com/oauth/token"),
    user=UserEndpoint(
        url="https://api.stripe.com/v1/accounts/{stripe_user_id}",
        errors=ErrorShape(word="error.type", message="error.message"),
    ),
    profile=ProfileMap(subject=("id",), email_proof="none", name=("business_profile.name",)),
    quirks=("An account, not a person.", "The client secret is the secret API key."),
)

SHOPIFY = Provider(
    id="shopify",
    name="Shopify",
    verified=False,
    source="django-allauth",
    docs="https://shopify.dev/docs/apps/build/authentication-authorization",
    slots={"shop": Slot(example="acme.myshopify.com", pattern=r"[a-z0-9][a-z0-9-]*\.myshopify\.com")},
    authorize_url="https://{shop}/admin/oauth/authorize",
    pkce="ignored",
    scopes=("read_products",),
    scope_separator=",",
    tokens=TokenEndpoint(url="https://{shop}/admin/oauth/access_token"),
    user=UserEndpoint(
        url="https://{shop}/admin/shop.json",
        scheme=None,
        headers={"X-Shopify-Access-Token": "{access_token}"},
        errors=ErrorShape(word="errors", message=""),
    ),
    profile=ProfileMap(root="shop", subject=("id",), email_proof="none"),
    quirks=("A shop, not a person, and each on a host of its own.", "Its `hmac` is not checked."),
)

COINBASE = Provider(
    id="coinbase",
    name="Coinbase",
    verified=False,
    source="django-allauth, social-core",
    docs="https://docs.cdp.coinbase.com/coinbase-app/oauth2-integration/overview",
    authorize_url="https://login.coinbase.com/oauth2/auth",
    scopes=("wallet:user:read", "wallet:user:email"),
    scope_separator=",",
    tokens=TokenEndpoint(url="https://login.coinbase.com/oauth2/token", rotates=True),
    user=UserEndpoint(url="https://api.coinbase.com/v2/user"),
    profile=ProfileMap(root="data", subject=("id",), email_proof="none", picture=("avatar_url",)),
)

ALL = (AMAZON, PAYPAL, STRIPE, SHOPIFY, COINBASE)
