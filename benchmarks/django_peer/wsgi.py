"""`benchmarks.django_peer.wsgi:application` is what gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.django_peer.settings"
application = get_wsgi_application()
