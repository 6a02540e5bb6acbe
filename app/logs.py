"""One line a record on stderr, with the id of the request it belongs to.

Only this house and its server speak at INFO: httpx would write WeChat's addresses, and with them its secret.
"""

from typing import Any


def configured(level: str) -> dict[str, Any]:
    """For logging.config.dictConfig and for uvicorn; `level` is what the house itself says."""
    spoken = {"level": level}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": "app.middleware.RequestIdFilter"}},
        "formatters": {
            "line": {"format": "%(asctime)s %(levelname)s [%(request_id)s] %(name)s: %(message)s"}
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request"]}
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {"app": spoken, "uvicorn": spoken},
    }
