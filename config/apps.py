from typing import Any

from django.apps import AppConfig
from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class BackOfficeConfig(SimpleAdminConfig):
    """The back-office in the place of django.contrib.admin's site.

    Its pages are found by `config.urls` and by the checks: they bring with them half of what the project
    depends on (3 seconds of processor), which a command like import_dvf has no use for.
    """

    default_site = "config.admin.BackOffice"

    def ready(self) -> None:
        def check_pages(**kwargs: Any) -> list[checks.CheckMessage]:
            autodiscover()
            return check_admin_app(**kwargs)

        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_pages, checks.Tags.admin)


class ProjectConfig(AppConfig):
    name = "config"
    verbose_name = "AppArt Agent"

    def ready(self) -> None:
        from django.conf import settings
        from django.db.backends.signals import connection_created

        import config.celery
        import config.checks  # noqa: F401
        from config import tracing

        tracing.start()
        if settings.DB_ECHO:

            def echo(connection: object, **kwargs: object) -> None:
                connection.force_debug_cursor = True  # type: ignore[attr-defined]

            connection_created.connect(echo, weak=False, dispatch_uid="db_echo")
