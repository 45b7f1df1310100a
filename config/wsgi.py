import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
os.environ.setdefault("APPART_PROCESS", "web")

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

application = get_wsgi_application()
# All views now, once for all workers: 4 s of work that the first requests would wait for.
_ = get_resolver().url_patterns
