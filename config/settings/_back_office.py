"""How the back-office looks (Unfold)."""

from __future__ import annotations

from django.templatetags.static import static
from django.urls import reverse_lazy

UNFOLD = {
    "SITE_TITLE": "AppArt Agent",
    "SITE_HEADER": "AppArt Agent",
    "SITE_SUBHEADER": "Back-office",  # in both languages
    "SITE_URL": None,
    "LOGIN": {"form": "accounts.forms.BackOfficeSignInForm"},
    "SITE_SYMBOL": "apartment",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("config/favicon.svg")}
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "SHOW_LANGUAGES": True,
    "DASHBOARD_CALLBACK": "config.front_page.add_to",
    "STYLES": [lambda request: static("config/backoffice.css")],
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "config.admin.navigation",
    },
    "COLORS": {
        "primary": {
            "50": "#eff8f6", "100": "#d7eeea", "200": "#b2ddd6", "300": "#83c5bc", "400": "#54a69c",
            "500": "#3a8a81", "600": "#2c6f69", "700": "#265a56", "800": "#224947", "900": "#203d3b",
            "950": "#0d2222",
        }
    },
}  # fmt: skip
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
