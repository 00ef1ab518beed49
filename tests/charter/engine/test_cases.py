"""Every case of every file under cases/ gets the answer that it expects."""

import json
from pathlib import Path

import pytest

from app.charter.engine import evaluate_lines

HERE = Path(__file__).parent
PROFILE = json.loads((HERE / "fx-1.json").read_text(encoding="utf-8"))
CASES = [
    pytest.param(json.loads(line), id=f"{path.stem}-{json.loads(line)['id']}")
    for path in sorted((HERE / "cases").glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES)
def test_case(case):
    expected = case["expected"]
    (answer,) = evaluate_lines(PROFILE, [json.dumps(case)])
    compared = {"action": answer.get("action"), "hits": sorted(answer.get("hits", ["?"]))}
    for name in expected.keys() - compared.keys():
        value = answer.get(name)
        compared[name] = sorted(value) if isinstance(value, list) else value
    wanted = {name: sorted(value) if isinstance(value, list) else value for name, value in expected.items()}
    assert compared == wanted, case.get("why")
