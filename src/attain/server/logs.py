"""What the server logs: its own doings, never values that somebody logged."""

import json
import logging
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """A JSON object a line: time, level, logger, message, and the traceback of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


def set_up(*, as_json: bool, requests: bool) -> None:
    """Log to the standard error stream.

    Args:
        as_json: for machines, see `JsonLines`; otherwise plain lines.
        requests: also each answered request: its route, status and time, and who asked.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json else logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("attain.server.requests").setLevel(logging.INFO if requests else logging.WARNING)
    for name in ("alembic", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
