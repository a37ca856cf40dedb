"""Log lines for machines."""

import json
import logging
import sys

from attain.server.logs import JsonLines


def test_a_line_is_a_json_object_with_the_traceback_of_an_error() -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        record = logging.LogRecord("attain", logging.ERROR, "x.py", 1, "it %s\nbroke", ("really",), sys.exc_info())
    line = JsonLines().format(record)
    assert "\n" not in line
    said = json.loads(line)
    assert (said["level"], said["logger"], said["message"]) == ("ERROR", "attain", "it really\nbroke")
    assert said["time"].endswith("+00:00")
    assert "ZeroDivisionError" in said["traceback"]
