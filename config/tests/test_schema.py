"""The OpenAPI schema is valid, and says what the API does: Schemathesis tries it from the schema alone."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance

from accounts.models import ApiToken
from accounts.tests.factories import UserFactory
from config.tests.routes import routes
from config.wsgi import application
from properties.tests.factories import PropertyFactory

# Enough to try every operation with good and bad values; more takes minutes that `make test` does not have.
EXAMPLES = 3
CHAINS = 3
LIMITS = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# Which values fit together, which password is right, whether a key was sent before, whether bytes are a
# picture: no schema says it, and what may refuse a value has tests of its own. All other checks hold.
BEYOND_SCHEMA = [positive_data_acceptance]
# Our token replaces those that a chain makes up, which it then takes for accepted, and what was sent wrongly
# may arrive as right.
OF_CHAINS = [*BEYOND_SCHEMA, ignored_auth, negative_data_rejection]
# Files that this in-process client leaves for the garbage collector.
UNCLOSED = "ignore::pytest.PytestUnraisableExceptionWarning"


def test_the_schema_is_valid_and_without_warnings() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_the_schema_equals_the_urls() -> None:
    """Every route is documented, and nothing else."""
    schema: Any = SchemaGenerator().get_schema(request=None, public=True)
    documented = sum(len(operations) for operations in schema["paths"].values())
    assert documented == len([route for route in routes() if route.name not in {"schema", "docs"}])


def operations_of(schema: Any) -> Iterator[Any]:
    for methods in schema["paths"].values():
        yield from methods.values()


def test_a_key_used_again_is_a_documented_answer() -> None:
    schema: Any = SchemaGenerator().get_schema(request=None, public=True)
    with_key = [
        operation
        for operation in operations_of(schema)
        if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", []))
    ]
    assert with_key
    assert all({"409", "422"} <= operation["responses"].keys() for operation in with_key)


def test_what_may_be_null_or_empty_fits_its_schema() -> None:
    schema: Any = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    assert schema["Costs"]["properties"]["buying"] == {}, "of any shape, or null"
    reference = {"$ref": "#/components/schemas/BlankEnum"}
    for name in ("Photo", "Redesign"):  # the latter only read
        assert reference in schema[name]["properties"]["room_type"]["oneOf"]


def closing(environ: Any, start_response: Any) -> list[bytes]:
    """The application, closed as a server closes it: the client used here does not, and uploads stay open."""
    response: Any = application(environ, start_response)
    try:
        return [b"".join(response)]
    finally:
        response.close()


def described() -> Any:
    """The schema as Schemathesis reads it, answered by this very process."""
    raw = SchemaGenerator().get_schema(request=None, public=True)
    loaded = schemathesis.openapi.from_dict(json.loads(json.dumps(raw, default=str)))
    loaded.app = closing
    return loaded


SCHEMA = described()
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]


@pytest.fixture
def headers(db: None) -> Iterator[dict[str, str]]:
    """The token of an account that holds something. The connection stays open between requests."""
    user = UserFactory()
    PropertyFactory(user=user)
    _token, secret = ApiToken.objects.create(user=user)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield {"Authorization": f"Bearer {secret}"}
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    gc.collect()


@pytest.mark.filterwarnings(UNCLOSED)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_answers_are_as_documented(operation: Any, headers: dict[str, str]) -> None:
    @LIMITS
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        cache.clear()  # limits have tests of their own
        case.call_and_validate(headers=headers, excluded_checks=BEYOND_SCHEMA)

    run()


@pytest.mark.filterwarnings(UNCLOSED)
def test_chains_of_requests_are_as_documented(headers: dict[str, str]) -> None:
    """What one answer gives is used by the next request: created, changed, deleted, asked for again."""

    class Chain(SCHEMA.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            cache.clear()
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            case.validate_response(response, excluded_checks=OF_CHAINS, transport_kwargs=kwargs)

    # The database goes on from one chain to the next, so that the same choices may find other things to do.
    with suppress(FlakyStrategyDefinition):
        Chain.run(settings=settings(LIMITS, max_examples=CHAINS, stateful_step_count=12))
