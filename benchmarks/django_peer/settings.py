"""Settings, from the stage that the benchmark has set."""

from benchmarks.stage import load

STAGE = load()

SECRET_KEY = STAGE.secret
ROOT_URLCONF = "benchmarks.django_peer.urls"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # sets Content-Length
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": STAGE.connection["database"],
        "USER": STAGE.connection["user"],
        "HOST": STAGE.connection["host"],
        "CONN_MAX_AGE": None,
    }
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["benchmarks.django_peer.bearer.Bearer"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
