"""Every environment variable the project reads, in one table: its type, its default, what it is for.

Settings read through `env(name)`; `.env.example` is this table on paper (a test compares them) and
`config.checks` turns each bad value into a system check with a hint. Any NAME may be given as NAME_FILE
instead, the path of a file that holds the value: how Docker and systemd hand over secrets.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def _boolean(text: str) -> bool:
    value = text.strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("expected true or false")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _natural(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("expected a whole number, 0 or more")
    return number


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.netloc:
            raise ValueError(f"expected a URL beginning with {' or '.join(f'{s}://' for s in schemes)}")
        return text

    return parse


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 3600:
        raise ValueError("expected seconds, more than 0 and less than 3600")
    return number


def _euros(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError("expected an amount such as 0.50") from None
    if not (amount.is_finite() and amount >= 0):
        raise ValueError("expected an amount, 0 or more")
    return amount


def _prices(text: str) -> dict[str, tuple[Decimal, Decimal]]:
    """`some-model=0.30/2.50,local=0/0` → {model: (in, out)}."""
    found = {}
    for entry in _names(text):
        model, separator, pair = entry.rpartition("=")
        first, slash, second = pair.partition("/")
        if not (separator and slash and model):
            raise ValueError("expected model=in/out, for example some-model=0.30/2.50")
        found[model.strip()] = (_euros(first), _euros(second))
    return found


def _picture_prices(text: str) -> dict[str, tuple[Decimal, ...]]:
    """`some-model=0.04,other=0.30/30` → {model: (a picture,) or (in, out)}."""
    found: dict[str, tuple[Decimal, ...]] = {}
    for entry in _names(text):
        model, separator, price = entry.rpartition("=")
        amounts = tuple(_euros(amount) for amount in price.split("/"))
        if not (separator and model) or len(amounts) > 2:
            raise ValueError("expected model=0.04 (a picture) or model=in/out (a million tokens)")
        found[model.strip()] = amounts
    return found


def _mail_url(text: str) -> str:
    return text if text in {"console://", "memory://"} else _url("smtp", "smtps", "smtp+tls")(text)


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    parse: Callable[[str], Any]
    default: str | None  # None: production does not start without it
    help: str
    secret: bool = False


VARIABLES: Final = {
    v.name: v
    for v in (
        Variable(
            "SECRET_KEY", str, None, "Signs sessions and links; 50 random characters or more.", secret=True
        ),
        Variable("ALLOWED_HOSTS", _names, None, "Host names served, separated by commas."),
        Variable(
            "CSRF_TRUSTED_ORIGINS", _names, "", "Origins (https://…) of forms on other hosts, with commas."
        ),
        Variable(
            "CORS_ALLOWED_ORIGINS", _names, "", "Origins of browser clients on other hosts; none by default."
        ),
        Variable("PUBLIC_URL", _url("http", "https"), None, "Address that links in mails begin with."),
        Variable("TRUSTED_PROXIES", _natural, "0", "Number of proxies in front; 0 ignores X-Forwarded-For."),
        Variable("HTTPS", _boolean, "true", "Served over TLS: secure cookies, redirection, HSTS."),
        Variable("ADMIN_PATH", str, "admin/", "Path of the back-office, with its final slash."),
        Variable(
            "STAFF_SECOND_FACTOR", _boolean, "false", "Staff must set up a second factor (TOTP) to work."
        ),
        Variable("FEEDBACK_EMAIL", str, "", "Who is mailed what clients report; empty: nobody."),
        Variable(
            "DATABASE_URL",
            _url("postgresql", "postgres"),
            None,
            "postgresql://user:password@host:port/name[?sslmode=require].",
            secret=True,
        ),
        Variable("DB_POOL_SIZE", _natural, "5", "Connections a web process keeps open; 0: no pool."),
        Variable("DB_MAX_OVERFLOW", _natural, "10", "Connections it may open beyond, when busy."),
        Variable("DB_RECYCLE_SECONDS", _natural, "3600", "Age at which a connection is replaced."),
        Variable("DB_ECHO", _boolean, "false", "Log every SQL statement."),
        Variable(
            "DB_STATEMENT_TIMEOUT_MS", _natural, "15000", "Longest SQL statement of a web request; 0: none."
        ),
        Variable("DB_JOB_STATEMENT_TIMEOUT_MS", _natural, "3600000", "The same for commands and workers."),
        Variable(
            "REDIS_URL",
            _url("redis", "rediss"),
            None,
            "redis://[:password@]host:port (Valkey or Redis).",
            secret=True,
        ),
        Variable("S3_ENDPOINT_URL", _url("http", "https"), None, "Address of the object store."),
        Variable("S3_PUBLIC_URL", str, "", "Address of the store as browsers see it, for signed links."),
        Variable("S3_ACCESS_KEY_ID", str, None, "Key of the object store.", secret=True),
        Variable("S3_SECRET_ACCESS_KEY", str, None, "Secret of the object store.", secret=True),
        Variable("S3_BUCKET_NAME", str, "appart", "Bucket; private."),
        Variable("S3_REGION", str, "us-east-1", "Region that requests are signed for."),
        Variable("BACKUP_S3_ENDPOINT_URL", str, "", "Store of backups to s3://…; empty: the files' own."),
        Variable("BACKUP_S3_ACCESS_KEY_ID", str, "", "Its key; empty: the files' own.", secret=True),
        Variable(
            "BACKUP_S3_SECRET_ACCESS_KEY",
            str,
            "",
            "Its secret; empty: the files' own.",
            secret=True,
        ),
        Variable("BACKUP_S3_REGION", str, "", "Its region; empty: the files' own."),
        Variable("JOB_LEASE_SECONDS", _natural, "60", "Silence after which a job's worker is held for dead."),
        Variable("DOCUMENT_MAX_MB", _natural, "30", "Largest document received, in megabytes."),
        Variable("PHOTO_MAX_MB", _natural, "25", "Largest photo received, in megabytes."),
        Variable("REDESIGNS_PER_DAY", _natural, "50", "Redesigns a client may ask for in 24 hours."),
        Variable(
            "REPORT_WAIT_SECONDS", _natural, "8", "Longest wait for a report, before its job is answered."
        ),
        Variable("IMAGE_ENGINE", str, "offline", "Who makes redesigns: offline, gemini or openai."),
        Variable("IMAGE_API_KEY", str, "", "Key of the image provider.", secret=True),
        Variable("IMAGE_MODEL", str, "", "Model of the image provider, by its id."),
        Variable("IMAGE_BASE_URL", str, "", "Address of the image provider; empty: the provider's own."),
        Variable(
            "IMAGE_PRICES",
            _picture_prices,
            "",
            "Euros: model=0.04 for a picture, or model=in/out for a million tokens; empty: costs unknown.",
        ),
        Variable("IMAGE_TIMEOUT_SECONDS", float, "180", "Longest wait for one picture of a provider."),
        Variable(
            "LLM_ENGINE",
            str,
            "",
            "Who reads documents beside the rules: gemini, openai, anthropic; empty: none.",
        ),
        Variable("LLM_API_KEY", str, "", "Key of the language model's provider.", secret=True),
        Variable("LLM_MODEL", str, "", "Language model, by its id."),
        Variable(
            "LLM_BASE_URL", str, "", "Address of the provider (Mistral, a local server); empty: its own."
        ),
        Variable("LLM_TIMEOUT_SECONDS", _positive, "90", "Longest wait for one answer."),
        Variable(
            "LLM_PRICES", _prices, "", "Euros per million tokens: model=in/out, with commas between models."
        ),
        Variable("LLM_BUDGET_PER_DAY", _euros, "5", "Euros a day for all language models together."),
        Variable("LLM_BUDGET_PER_USER_PER_DAY", _euros, "0.50", "Euros a day for one client."),
        Variable(
            "LLM_MASK_NAMES",
            _boolean,
            "true",
            "Names, mails, phones and accounts are taken out before sending.",
        ),
        Variable(
            "EMAIL_URL",
            _mail_url,
            "console://",
            "smtp[+tls]://user:password@host:port, console://.",
            secret=True,
        ),
        Variable("DEFAULT_FROM_EMAIL", str, "AppArt Agent <noreply@localhost>", "Sender of mails."),
        Variable(
            "DVF_URL",
            _url("http", "https"),
            "https://files.data.gouv.fr/geo-dvf/latest/csv",
            "Where download_dvf fetches sales (geo-DVF by year).",
        ),
        Variable(
            "DVF_WORK_DIR", str, "", "Folder for the import's own files; empty: the system's temporary one."
        ),
        Variable("DVF_IMPORT_MEMORY_MB", _natural, "320", "Memory of the import's engine, in megabytes."),
        Variable(
            "BAN_URL",
            str,
            "",
            "Search of national addresses (https://data.geopf.fr/geocodage/search). Empty: off.",
        ),
        Variable("BAN_TIMEOUT_SECONDS", float, "1.0", "Longest wait for it."),
        Variable(
            "MAP_TILES_URL",
            str,
            "",
            "Tiles of the back-office's maps ({z}/{x}/{y}; IGN: see README). Empty: a plain drawing.",
        ),
        Variable("MAP_TILES_ATTRIBUTION", str, "© IGN", "Whose tiles they are, shown on the map."),
        Variable("GOOGLE_CLIENT_ID", str, "", "Sign-in with Google: client id; empty hides it."),
        Variable("GOOGLE_CLIENT_SECRET", str, "", "Sign-in with Google: client secret.", secret=True),
        Variable(
            "METRICS_TOKEN", str, "", "Bearer token that reads /metrics; empty: there is none.", secret=True
        ),
        Variable("SENTRY_DSN", str, "", "Where errors are reported (Sentry); empty: nowhere.", secret=True),
        Variable("SENTRY_ENVIRONMENT", str, "production", "Name of this installation there."),
        Variable(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            str,
            "",
            "OpenTelemetry collector (http://…:4318) that traces go to; empty: none.",
        ),
        Variable("OTEL_EXPORTER_OTLP_HEADERS", str, "", "Its headers: name=value, with commas.", secret=True),
        Variable("LOG_LEVEL", str, "INFO", "DEBUG, INFO, WARNING or ERROR."),
        Variable("LOG_JSON", _boolean, "true", "Logs as JSON, one object a line."),
    )
}


def _given(name: str) -> str | None:
    """The variable's text, or that of the file NAME_FILE names. Raises ValueError when it cannot be read."""
    path = os.environ.get(f"{name}_FILE")
    if os.environ.get(name) or not path:
        return os.environ.get(name)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the file of {name}_FILE cannot be read ({type(error).__name__})") from None


def problem(variable: Variable) -> str | None:
    """What is wrong with the variable's present value, or None."""
    try:
        text = _given(variable.name)
    except ValueError as error:
        return f"is not valid: {error}"
    if text is None:
        return "is not set" if variable.default is None else None
    try:
        variable.parse(text)
    except ValueError as error:
        return f"is not valid: {error}"
    return None


def env(name: str, default: str | None = None) -> Any:
    """The parsed value; `default` is a settings module's own, before the table's.

    A variable set to nothing counts as not set. Raises ImproperlyConfigured, in words, without the value.
    """
    variable = VARIABLES[name]
    try:
        given = _given(name)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not valid: {error}. {variable.help}") from None
    text = given or (default if default is not None else variable.default)
    if text is None:
        raise ImproperlyConfigured(f"{name} is not set. {variable.help} See .env.example.")
    try:
        return variable.parse(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not valid: {error}. {variable.help}") from None


def read_file(path: Path) -> None:
    """Take KEY=value lines of an .env file for variables that are not set yet."""
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            key, separator, value = line.partition("=")
            if separator and not key.lstrip().startswith("#"):
                os.environ.setdefault(key.strip(), value.strip().strip("\"'"))


def database(
    url: str, *, web: bool, pool_size: int, overflow: int, recycle: int, timeout_ms: int
) -> dict[str, Any]:
    """Django's DATABASES entry. Web processes pool; workers and commands do not (a worker forks, and Celery
    closes its pool after every task)."""
    parts = urlsplit(url)
    options: dict[str, Any] = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    options["options"] = f"-c statement_timeout={timeout_ms}"
    options.setdefault("connect_timeout", 5)
    # A server that the network no longer reaches is given up within a minute, not after hours.
    for name, value in {"keepalives_idle": 30, "keepalives_interval": 10, "tcp_user_timeout": 30_000}.items():
        options.setdefault(name, value)
    if web and pool_size:
        options["pool"] = {
            "min_size": pool_size,
            "max_size": pool_size + overflow,
            "max_lifetime": recycle,
            "max_idle": min(recycle, 600),
            "timeout": 3,  # more threads than connections never wait long: the database is away
            # Tries once a second; by itself the pool waits ever longer, and after an hour's stop for minutes.
            "reconnect_timeout": 2,
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 0 if web and pool_size else recycle,
        "ATOMIC_REQUESTS": False,
    }
