import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
os.environ.setdefault("APPART_PROCESS", "web")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
