from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Comptes")

    def ready(self) -> None:
        from django.contrib import admin

        import accounts.events  # noqa: F401

        # Staff see accounts on our pages; allauth's own show session keys and encrypted secrets.
        for label in ("account", "mfa", "usersessions", "socialaccount"):
            for model in apps.get_app_config(label).get_models():
                if admin.site.is_registered(model):
                    admin.site.unregister(model)
