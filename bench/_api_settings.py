"""The development settings with limits that a measurement does not reach; they are still counted."""

from typing import Any

from config.settings.dev import *  # noqa: F403
from config.settings.dev import REST_FRAMEWORK

_rates: Any = REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": dict.fromkeys(_rates, "1000000000/min")}
