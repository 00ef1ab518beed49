import json
import logging

from app.kernel.logs import JsonLines


def test_a_line_is_one_object_whatever_it_says():
    record = logging.LogRecord(
        "parvis.gate", logging.WARNING, "x.py", 1, "denied %s\nélan", ("10.0.0.1",), None
    )
    line = JsonLines().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"]) == (
        "warning",
        "parvis.gate",
        "denied 10.0.0.1\nélan",
    )
