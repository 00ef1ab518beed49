"""`make bench`: what the product costs, beside the least that the same machine could do; a Markdown table.

CPU time of the whole server tree per 1,000 requests, from /proc; rounds alternate, the middle one counts. Raw
results go to var/bench/.

    python -m tools.bench [--posts N] [--full] [--database sqlite|postgresql] [--rounds N] [--seconds N] [--sockets N,N]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.processes import new_folder
from tests.services import fresh_database, postgres
from tools import bench_load, bench_table
from tools.bench_cases import Case, cases, post, yardsticks
from tools.bench_machine import ROOT, Server, children_now, cpu_seconds, settle

DATABASES = ("sqlite", "postgresql")
FULL_SOCKETS, SOCKETS = "500,2000,5000", "500"
FULL_POSTS = 1_000_000
Result = dict[str, Any]


def main() -> None:
    """Measure what was asked, print the table, keep the raw results."""
    asked = _arguments()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    results: list[Result] = []
    for database in [asked.database] if asked.database else DATABASES:
        for posts in asked.posts:
            results.append(_measure(database, posts, asked))
            _keep(results, asked)
    print(f"\n{bench_table.requests_table(results)}\n\n{bench_table.sockets_table(results)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--posts", type=int, action="append", help="size, may be repeated")
    parser.add_argument("--full", action="store_true", help="also a million posts, and up to 5,000 sockets")
    parser.add_argument("--database", choices=DATABASES, help="only this one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="length of one loop")
    parser.add_argument("--sockets", help="comma-separated numbers of connected people")
    parser.add_argument("--only", default="", help="only work whose name contains this")
    asked = parser.parse_args()
    asked.posts = asked.posts or [10_000, *([FULL_POSTS] if asked.full else [])]
    chosen = asked.sockets if asked.sockets is not None else FULL_SOCKETS if asked.full else SOCKETS
    asked.sockets = [int(number) for number in chosen.split(",") if number and int(number)]
    return asked


def _measure(database: str, posts: int, asked: argparse.Namespace) -> Result:
    """One database with so many posts: prepare it, serve it, measure."""
    before = children_now()
    folder = new_folder("parvis-bench-")
    url = (
        fresh_database(postgres(durable=True))
        if database == "postgresql"
        else f"sqlite:///{folder}/parvis.db"
    )
    environment = {
        "PARVIS_SECRET_KEY": secrets.token_urlsafe(48),
        "PARVIS_DATA_DIR": str(folder),
        "PARVIS_DATABASE_URL": url,
        "PARVIS_WRITES_PER_MINUTE": "100000",
    }
    helpers = tuple(children_now() - before) if database == "postgresql" else ()
    world = _world(environment, posts, max(asked.sockets, default=1))
    yardstick = {
        "BENCH_DATABASE_URL": url,
        "BENCH_SPACE": world["space"],
        "BENCH_REVISION": world["revision"],
    }
    bare = Server.start(
        "tools/bench_bare.conf.py", "tools.bench_bare:app", yardstick, folder / "bare.log", helpers
    )
    ours = Server.start("deploy/gunicorn.conf.py", "wsgi:app", environment, folder / "parvis.log", helpers)
    try:
        work = _work(bare, ours, world, asked)
        fanout = [_fan_out(bare, ours, world, sockets) for sockets in asked.sockets]
    finally:
        ours.stop()
        bare.stop()
    return {"database": database, "posts": posts, "work": work, "fanout": fanout}


def _world(environment: Mapping[str, str], posts: int, sockets: int) -> dict[str, Any]:
    """People and spaces grow with the posts, more slowly."""
    people, spaces = max(1_000, posts // 50), max(100, posts // 1_000)
    _say(
        f"· {posts:,} posts, {people:,} people, {spaces:,} spaces: {environment['PARVIS_DATABASE_URL'].split(':')[0]}"
    )
    command = [sys.executable, "-m", "tools.bench_world", *map(str, (people, spaces, posts, sockets))]
    made = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True
    )
    return dict(json.loads(made.stdout.splitlines()[-1]))


def _work(
    bare: Server, ours: Server, world: Mapping[str, Any], asked: argparse.Namespace
) -> dict[str, Result]:
    pairs = [(bare, case) for case in yardsticks()]
    pairs += [(ours, case) for case in cases(world, ours.port) if asked.only in case.name]
    problems = {case.name: problem for server, case in pairs if (problem := case.problem(server.port))}
    rounds: dict[str, list[Result]] = {case.name: [] for _, case in pairs}
    # Posts come last: what is asked for changes would no longer find nothing new.
    for publishes in (False, True):
        chosen = [(server, case) for server, case in pairs if case.name.startswith("publish") == publishes]
        for turn in range(asked.rounds):
            for server, case in chosen:
                if case.name not in problems:
                    rounds[case.name].append(_loop(server, case, asked.seconds))
            _say(f"  round {turn + 1} of {asked.rounds}")
    middle = {
        case.name: {"problem": problems[case.name]} if case.name in problems else _middle(rounds[case.name])
        for _, case in pairs
    }
    return {case.name: _judged(case, middle) for _, case in pairs}


def _loop(server: Server, case: Case, seconds: int) -> Result:
    settle(server.roots)
    before = cpu_seconds(server.roots)
    load = bench_load.run(server.port, case.ask, seconds=seconds, clients=case.clients)
    spent = cpu_seconds(server.roots) - before
    if load.bad or not load.requests:
        return {**load._asdict(), "problem": f"{load.bad} of {load.requests} requests failed"}
    return {**load._asdict(), "cpu": spent / load.requests * 1000, "per_second": load.requests / load.seconds}


def _middle(rounds: Sequence[Result]) -> Result:
    """The median of each figure; what failed once was not measured."""
    failed = next((one for one in rounds if "problem" in one), None)
    if failed:
        return {"problem": failed["problem"]}
    middle: Result = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    return {**middle, "rounds": list(rounds)}


def _judged(case: Case, middle: Mapping[str, Result]) -> Result:
    """A figure with its ratio and whether it is within its target."""
    mine, yardstick = middle[case.name], middle.get(case.against, {})
    told = {**mine, "against": case.against, "at_most": case.at_most, "unit": case.unit}
    if "cpu" not in mine or "cpu" not in yardstick:
        return told
    ratio = mine["cpu"] / yardstick["cpu"]
    return {
        **told,
        "ratio": ratio,
        "is_met": (mine["cpu"] if case.unit == "CPU-s" else ratio) <= case.at_most,
    }


def _fan_out(bare: Server, ours: Server, world: Mapping[str, Any], sockets: int) -> Result:
    """The same number of people on both, one after the other; the yardstick sends as many bytes."""
    _say(f"  {sockets:,} sockets")
    told = _listen(ours, sockets, world["tokens"], post(world))
    text = bench_load.Ask(
        "/emit", "POST", {"Content-Type": "text/plain"}, "x" * max(100, told.get("size", 1200) - 60)
    )
    return {"sockets": sockets, "ours": told, "emit": _listen(bare, sockets, [], text)}


def _listen(server: Server, sockets: int, tokens: Sequence[str], ask: bench_load.Ask) -> Result:
    given = {"port": server.port, "sockets": sockets, "rounds": 5, "tokens": tokens, "roots": server.roots,
             "ask": {"path": ask.path, "method": ask.method, "headers": dict(ask.headers), "body": ask.body}}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench_sockets"], cwd=ROOT, input=json.dumps(given), text=True,
        capture_output=True, check=False, timeout=600,
    )  # fmt: skip
    if done.returncode:
        return {"problem": done.stderr.strip().splitlines()[-1][:120]}
    return dict(json.loads(done.stdout))


def _keep(results: Sequence[Result], asked: argparse.Namespace) -> None:
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    told = {"at": int(time.time()), "asked": vars(asked), "results": results}
    Path(folder / "last.json").write_text(json.dumps(told, indent=1))
    Path(folder / f"{told['at']}.json").write_text(json.dumps(told, indent=1))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
