"""What this process has done and does, in figures for a monitor. Nothing in here names a person or an order.

Counters belong to the process; how much is due is the same in every process, because the database is asked
(app/services/queues.py).
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY: Final = CollectorRegistry()
_SECONDS: Final = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_LAGS: Final = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200)

DUE: Final = Gauge("sidan_queue_due", "Rows that are due.", ["queue"], registry=REGISTRY)
OLDEST: Final = Gauge(
    "sidan_queue_oldest_seconds", "How long the oldest due row has waited.", ["queue"], registry=REGISTRY
)
RUNS: Final = Counter(
    "sidan_job_runs", "Batches of a job: done, failed, or unavailable.", ["job", "outcome"], registry=REGISTRY
)
ROWS: Final = Counter("sidan_job_rows", "Rows that a job looked after.", ["job"], registry=REGISTRY)
LEFT: Final = Counter("sidan_rows_left", "Rows at which a job failed.", ["kind"], registry=REGISTRY)
SECONDS: Final = Histogram(
    "sidan_job_seconds", "How long a batch took.", ["job"], registry=REGISTRY, buckets=_SECONDS
)
LAG: Final = Histogram(
    "sidan_lag_seconds", "From due to settled.", ["queue"], registry=REGISTRY, buckets=_LAGS
)
SENT: Final = Counter(
    "sidan_notices_sent", "Attempts outside the inbox.", ["channel", "outcome"], registry=REGISTRY
)
LISTENERS: Final = Gauge("sidan_stream_listeners", "Open streams of this process.", registry=REGISTRY)
DROPPED: Final = Counter("sidan_stream_dropped", "Streams ended because they were slow.", registry=REGISTRY)
REFUSED: Final = Counter(
    "sidan_rates_refused", "Calls refused as too many.", ["route_class"], registry=REGISTRY
)
