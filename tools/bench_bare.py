"""The yardsticks: the least that Flask, the same database and the same server could do.

bare: twenty rows by index, twenty small cards. row: one row by its key. commit: one durable row. emit: one message
to everyone connected.
"""

from __future__ import annotations

import os
from itertools import count
from typing import Any

from flask import Flask, request
from flask_socketio import SocketIO
from sqlalchemy import bindparam, create_engine, event, text

URL = os.environ["BENCH_DATABASE_URL"]
FIRST = int(os.environ["BENCH_SPACE"])
LEAST = int(os.environ["BENCH_REVISION"])
CARDS = """{% autoescape true %}<!doctype html><title>Bare</title><body>
{% for row in rows %}<article class="card" id="c{{ row.id }}"><h2>{{ row.title }}</h2>
<p class="meta">{{ row.created_at }}</p><div>{{ row.body }}</div></article>
{% endfor %}</body>{% endautoescape %}"""

app = Flask(__name__)
app.secret_key = os.urandom(16)
page = app.jinja_env.from_string(CARDS)
options: dict[str, Any] = {"async_mode": "gevent", "transports": ["websocket"]}
sockets = SocketIO(app, **options)
engine = create_engine(URL, pool_size=20, max_overflow=40)
numbers = count(os.getpid() * 10_000_000)

TWENTY = text("SELECT id, title, body, created_at FROM revisions WHERE id >= :least ORDER BY id LIMIT 20")
ONE = text("SELECT id, name FROM spaces WHERE id = :id").bindparams(bindparam("id", FIRST))
ADD = text("INSERT INTO bench_commits (id, body) VALUES (:id, :body)")


@event.listens_for(engine, "connect")
def _prepare(connection: Any, _record: Any) -> None:
    """The settings under which Parvis itself works."""
    if URL.startswith("sqlite"):
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "cache_size=-32768"):
            connection.execute(f"PRAGMA {pragma}")


with engine.begin() as opening:
    opening.execute(text("CREATE TABLE IF NOT EXISTS bench_commits (id BIGINT PRIMARY KEY, body TEXT)"))


@app.get("/")
def bare() -> str:
    with engine.connect() as connection:
        rows = connection.execute(TWENTY, {"least": LEAST}).all()
    return page.render(rows=rows)


@app.get("/row")
def row() -> dict[str, Any]:
    with engine.connect() as connection:
        found = connection.execute(ONE).one()
    return {"id": found.id, "name": found.name}


@app.post("/commit")
def commit() -> dict[str, Any]:
    number = next(numbers)
    with engine.begin() as connection:
        connection.execute(ADD, {"id": number, "body": request.get_data(as_text=True)})
    return {"id": number}


@app.post("/emit")
def emit() -> dict[str, Any]:
    sockets.emit("post.created", {"cursor": "0", "html": request.get_data(as_text=True)})
    return {}
