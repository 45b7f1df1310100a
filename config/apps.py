from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class BackOfficeConfig(AdminConfig):
    """The back-office in the place of django.contrib.admin's site."""

    default_site = "config.admin.BackOffice"


class ProjectConfig(AppConfig):
    name = "config"
    verbose_name = "AppArt Agent"

    def ready(self) -> None:
        from django.conf import settings
        from django.db.backends.signals import connection_created

        import config.api.schema
        import config.celery
        import config.checks  # noqa: F401

        if settings.DB_ECHO:

            def echo(connection: object, **kwargs: object) -> None:
                connection.force_debug_cursor = True  # type: ignore[attr-defined]

            connection_created.connect(echo, weak=False, dispatch_uid="db_echo")
