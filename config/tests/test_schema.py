"""The OpenAPI schema is valid, and says what the API does: Schemathesis tries it from the schema alone."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import ignored_auth

from config.tests.routes import routes
from config.wsgi import application

# Enough to try every operation with good and bad values; more takes the minutes that `make test` does not have.
EXAMPLES = 6


def test_the_schema_is_valid_and_without_warnings() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_the_schema_equals_the_urls() -> None:
    """Every route is documented, and nothing else."""
    schema: Any = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    documented = sum(len(operations) for operations in schema["paths"].values())
    assert documented == len([route for route in routes() if route.name not in {"schema", "docs"}])


