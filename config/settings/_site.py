"""Where the site is reached, by whom, in which languages."""

from __future__ import annotations

from config.env import env

SECRET_KEY: str = env("SECRET_KEY")
ALLOWED_HOSTS: list[str] = env("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS: list[str] = env("CSRF_TRUSTED_ORIGINS")
CORS_ALLOWED_ORIGINS: list[str] = env("CORS_ALLOWED_ORIGINS")
PUBLIC_URL: str = env("PUBLIC_URL").rstrip("/")
ADMIN_PATH: str = env("ADMIN_PATH").strip("/") + "/"
TRUSTED_PROXIES: int = env("TRUSTED_PROXIES")
LANGUAGES = [("fr", "Français"), ("en", "English")]
