"""PostgreSQL, Valkey and an S3 store for development and tests, from pip-installed binaries.

    python -m config.local_services up [--state DIR]
    eval "$(python -m config.local_services env [--state DIR])"
    python -m config.local_services status | down
    python -m config.local_services run [--temporary] -- COMMAND…

Everything lives in one state directory (``.local/`` of the checkout unless ``--state`` says otherwise, mode
700): data, logs, random passwords and the ports in ``state.json``. Data stay between runs. Ports are free
ones of 127.0.0.1, remembered, and changed when somebody else has taken them, so that checkouts never clash.

``run`` gives COMMAND the variables and stops what it started when COMMAND ends, whatever way it ends;
``--temporary`` uses a fresh directory that is removed afterwards, and a PostgreSQL that does not fsync.

A service whose variable is already in the environment (``DATABASE_URL``, ``REDIS_URL``, ``S3_ENDPOINT_URL``)
is not started: that variable is used.

Developing against throw-away services that stay up between test runs:

    python -m config.local_services up --state /tmp/mine --fast
    eval "$(python -m config.local_services env --state /tmp/mine)"
    pytest dvf
    python -m config.local_services down --state /tmp/mine

This package imports no Django: it runs before there are settings.
"""

from config.local_services.errors import ServiceError
from config.local_services.group import LocalServices

__all__ = ["LocalServices", "ServiceError"]
