"""An API behind the pages. The client and the cookie password come from the environment, as theirs do."""

import secrets

SECRET_KEY = secrets.token_urlsafe()  # nothing here outlives the process that signed it
ALLOWED_HOSTS = ["localhost", ".localhost", "127.0.0.1"]
INSTALLED_APPS = ["vestibule.django"]
MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",
    "vestibule.django.AuthMiddleware",  # refuses what a page of another site asks for
]
ROOT_URLCONF = "urls"
SILENCED_SYSTEM_CHECKS = ["vestibule.W001"]  # people sign in at the pages: our routes are not here
# Browsers bring the cookie that the pages set, and get a new one when it is time. Node brings the token.
# With the list of revoked sessions a sign-out counts here at once, and not only when the token ends.
VESTIBULE = {"bearer": True, "revocation": "list"}
