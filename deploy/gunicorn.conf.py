"""The production server, for one embedded process as for many behind a proxy.

    gunicorn --config deploy/gunicorn.conf.py wsgi:app

Settings come from the same PARVIS_ environment as the application's. WebSockets are the only socket
transport, so workers need no sticky sessions; more than one needs PostgreSQL and Redis (the application
refuses to start otherwise).
"""

import gc
import os
import signal
import tempfile
from typing import Any

from gunicorn.workers.ggevent import GeventWorker

bind = os.environ.get("PARVIS_BIND") or "127.0.0.1:8000"
workers = int(os.environ.get("PARVIS_WORKERS") or 1)


class Worker(GeventWorker):
    """Ctrl-C reaches the whole terminal group; the master tells the workers, so that they hear it once."""

    def init_signals(self) -> None:
        super().init_signals()
        signal.signal(signal.SIGINT, signal.SIG_IGN)


# Each worker keeps its figures in this folder, so that whichever is asked for /metrics speaks for all.
if workers > 1:
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="parvis-metrics-"))

# One greenlet a connection. An open socket counts as a connection for as long as it lives.
worker_class = Worker
worker_connections = 10_000
backlog = 2_048
# gevent patches the standard library in the worker, before the application is imported there.
preload_app = False

# The worker beats once a second whatever its requests do; this only catches a hub that is blocked.
timeout = 60
# Sockets never end by themselves: waiting longer than requests need would only delay the stop.
graceful_timeout = 5
keepalive = 20

# Bounds before the application sees anything; bodies are bounded by the application.
limit_request_line = 8_190
limit_request_fields = 60
limit_request_field_size = 8_190

# The application has its own reading of forwarding headers (PARVIS_TRUSTED_PROXIES, right to left through
# trusted hops only). Whatever arrives here is the peer's own word: the server neither believes nor reads it.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
proxy_allow_ips = ""

# No way in beside the front door.
control_socket_disable = True

accesslog = None
errorlog = "-"
loglevel = "warning"
proc_name = "parvis"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  a heartbeat must not wait for a disk


def post_worker_init(worker: Any) -> None:
    """Set going what a serving process does beside answering, once it is patched and has loaded the
    application.
    """
    from app.assembly import start  # noqa: PLC0415  only then

    start(worker.wsgi)
    calm_collector()


def calm_collector() -> None:
    """Keep the garbage collector off what lives as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def child_exit(_server: Any, worker: Any) -> None:
    """A worker that ended no longer counts among the living."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess  # noqa: PLC0415

        multiprocess.mark_process_dead(worker.pid)
