# syntax=docker/dockerfile:1
# Two stages: the first makes the Python environment and the static files, the second runs them, as a user
# without rights, with neither compiler nor pip.

ARG PYTHON=3.13-slim-trixie

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
RUN python -m venv /opt/venv
# First, and alone: a change of the code does not install again. Every pin has a ready-made package.
COPY requirements.txt .
RUN /opt/venv/bin/pip install --require-hashes --no-deps --only-binary=:all: -r requirements.txt \
    && /opt/venv/bin/pip uninstall --yes pip
COPY . .
# Collecting asks for settings, not for services: addresses where nothing answers, a key used for nothing else.
RUN SECRET_KEY=build ALLOWED_HOSTS=build PUBLIC_URL=http://build DATABASE_URL=postgresql://build/build \
    REDIS_URL=redis://build S3_ENDPOINT_URL=http://build S3_ACCESS_KEY_ID=build S3_SECRET_ACCESS_KEY=build \
    /opt/venv/bin/python manage.py collectstatic --no-input \
    && /opt/venv/bin/python -m compileall -q /app /opt/venv

FROM python:${PYTHON} AS run
# pg_dump and pg_restore, of the server's major version (17, as in docker-compose.yml): `backup`, `restore`.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/* \
    && pip uninstall --yes pip \
    && groupadd --gid 10001 appart \
    && useradd --uid 10001 --gid appart --no-create-home --home-dir /tmp --shell /usr/sbin/nologin appart \
    && install --directory --owner appart --group appart --mode 700 /var/lib/appart /backups
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.base OMP_THREAD_LIMIT=1
COPY --from=build /opt/venv /opt/venv
# Owned by root: what answers requests cannot change its own code.
COPY --from=build /app /app
WORKDIR /app
USER appart
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["python", "-m", "config.healthcheck"]
# Its options are in gunicorn.conf.py; WEB_CONCURRENCY is the number of processes.
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000"]
