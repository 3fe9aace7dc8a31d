"""The client, the redirect URI and the cookie password come from the environment."""

import secrets
from pathlib import Path

BASE_DIR = Path(__file__).parent
SECRET_KEY = secrets.token_urlsafe()  # nothing here outlives the process that signed it
DEBUG = True
INSTALLED_APPS = ["django.contrib.staticfiles", "vestibule.django"]
MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "vestibule.django.AuthMiddleware",
]
ROOT_URLCONF = "urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [BASE_DIR / "templates"]}]
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
