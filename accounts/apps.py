from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Comptes")

    def ready(self) -> None:
        from django.contrib.auth.models import Group

        import accounts.events  # noqa: F401
        from accounts import event_words

        # Django's own model, which has no other place for it: lists, filters and forms show `str()`.
        Group.add_to_class("__str__", lambda self: event_words.group(self.name))
