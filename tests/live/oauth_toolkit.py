"""django-oauth-toolkit as a whole Django site in one file: `oauth_toolkit.py migrate`, `… runserver --noreload ADDRESS`."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

WORK = Path(os.environ["WORK"])
KEY = WORK / "rsa.pem"
if not KEY.exists():
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(KEY)],
        check=True, stderr=subprocess.DEVNULL,
    )
settings.configure(
    DEBUG=False, SECRET_KEY="x" * 50, ALLOWED_HOSTS=["*"], ROOT_URLCONF="__main__", USE_TZ=True,
    USE_X_FORWARDED_HOST=True, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(WORK / "db.sqlite3")}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", LOGIN_URL="/admin/login/", STATIC_URL="/static/",
    INSTALLED_APPS=[
        "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.messages",
        "django.contrib.sessions", "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]}}],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True, "OIDC_RSA_PRIVATE_KEY": KEY.read_text(), "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
        "SCOPES": {"openid": "o", "profile": "p", "email": "e"},
    },
)

import django  # noqa: E402  (the settings come first)

django.setup()
from django.core.management import execute_from_command_line  # noqa: E402
from django.contrib import admin  # noqa: E402
from django.urls import include, path  # noqa: E402

urlpatterns = [path("admin/", admin.site.urls), path("o/", include("oauth2_provider.urls", namespace="oauth2_provider"))]
if __name__ == "__main__":
    execute_from_command_line(sys.argv)
