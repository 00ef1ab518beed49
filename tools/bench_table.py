"""The figures as a Markdown table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Result = Mapping[str, Any]


def requests_table(results: Sequence[Result]) -> str:
    """A row for each kind of work, a column for each database and size; CPU-seconds per 1,000 requests and ratio."""
    names = list(dict.fromkeys(name for result in results for name in result["work"]))
    head = ["CPU-s per 1,000 requests", *(_title(result) for result in results), "target"]
    rows = [
        [name, *(_cell(result["work"].get(name)) for result in results), _target(results, name)]
        for name in names
    ]
    return _markdown(head, rows)


def sockets_table(results: Sequence[Result]) -> str:
    """A row for each number of sockets."""
    head = [
        "one post to",
        "database",
        "p50 / p99 ms",
        "emit p50 / p99 ms",
        "p99 ratio",
        "CPU-s per 1,000",
        "lost",
    ]
    rows = []
    for result in results:
        for reached in result["fanout"]:
            ours, theirs = reached["ours"], reached["emit"]
            if "problem" in ours or "problem" in theirs:
                why = ours.get("problem") or theirs.get("problem")
                rows.append(
                    [f"{reached['sockets']:,}", _title(result), f"NOT MEASURED ({why})", "", "", "", ""]
                )
                continue
            rows.append(
                [f"{reached['sockets']:,}", _title(result), f"{ours['p50']:.0f} / {ours['p99']:.0f}",
                 f"{theirs['p50']:.0f} / {theirs['p99']:.0f}", f"{ours['p99'] / theirs['p99']:.2f} × (≤ 1.2)",
                 f"{ours['cpu_per_1000']:.3f} (≤ 0.05; emit {theirs['cpu_per_1000']:.3f})", str(ours["lost"])]
            )  # fmt: skip
    return _markdown(head, rows)


def _title(result: Result) -> str:
    return f"{result['database']}, {result['posts']:,}"


def _cell(work: Result | None) -> str:
    if work is None:
        return ""
    if "problem" in work:
        return f"NOT MEASURED ({work['problem']})"
    if not work["against"]:
        return f"{work['cpu']:.2f}"
    met = "" if work["is_met"] else " ✗"
    return f"{work['cpu']:.2f} · {work['ratio']:.1f} × {work['against']}{met}"


def _target(results: Sequence[Result], name: str) -> str:
    work = next((result["work"][name] for result in results if name in result["work"]), {})
    if not work.get("at_most"):
        return ""
    return f"≤ {work['at_most']:g} {work['unit']}"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
