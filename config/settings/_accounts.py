"""People: passwords, sign-in, second factor, tokens (django-allauth, knox)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from config.env import env
from config.settings._site import PUBLIC_URL

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
PASSWORD_RESET_TIMEOUT = 3600
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignUpForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # the password again, before the e-mail or the second factor change
# Ours come first (`config.api.throttling`); these also spare a person whose address others type in.
ACCOUNT_RATE_LIMITS = {"confirm_email": "1/3m/key", "reset_password": "3/15m/key"}
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_ADAPTER = "accounts.adapter.HeadlessAdapter"
# Every link in a mail begins with PUBLIC_URL, whatever the request said its host was.
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": f"{PUBLIC_URL}/account/verify-email/{{key}}/",
    "account_reset_password": f"{PUBLIC_URL}/",
    "account_reset_password_from_key": f"{PUBLIC_URL}/account/reset-password/{{key}}/",
    "account_signup": f"{PUBLIC_URL}/",
    "socialaccount_login_error": f"{PUBLIC_URL}/",
}
STAFF_SECOND_FACTOR: bool = env("STAFF_SECOND_FACTOR")
FEEDBACK_EMAIL: str = env("FEEDBACK_EMAIL")
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "AppArt Agent"
MFA_RECOVERY_CODES_SHOW_ONCE = True
SOCIALACCOUNT_ADAPTER = "accounts.adapter.SocialAccountAdapter"
# A provider's word on an e-mail opens no account that has a password.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = (
    {
        "google": {
            "APPS": [
                {"client_id": env("GOOGLE_CLIENT_ID"), "secret": env("GOOGLE_CLIENT_SECRET"), "key": ""}
            ],
            "SCOPE": ["profile", "email"],
            "OAUTH_PKCE_ENABLED": True,
        }
    }
    if env("GOOGLE_CLIENT_ID")
    else {}
)
KNOX_TOKEN_MODEL = "accounts.ApiToken"
MIGRATION_MODULES = {
    "knox": None
}  # its only table is replaced by ours; its migrations would make it all the same
REST_KNOX = {
    "TOKEN_TTL": timedelta(days=90),
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_MODEL": "accounts.ApiToken",
    "TOKEN_PREFIX": "aa_",  # lets secret scanners recognise a leaked token
}
