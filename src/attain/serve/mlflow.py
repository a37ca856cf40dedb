"""MLflow's scoring protocol: `/invocations` takes rows as JSON or CSV, and gives a prediction for each.

See https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/ (local inference server specification).
"""

import io
import json
from typing import Any

import pandas as pd

from attain.serve.refusals import WrongType
from attain.serve.rows import score
from attain.serve.served import Served
from attain.server.wire import BadRequest

FORMATS = ("dataframe_split", "dataframe_records", "instances", "inputs")
JSON_TYPE, CSV_TYPE = "application/json", "text/csv"


def invocations(served: Served, body: bytes, content_type: str) -> dict[str, object]:
    """The answer to a request.

    Raises:
        BadRequest: the body is not one of the four formats, or its rows are not right.
        WrongType: it is neither JSON nor CSV.
    """
    table = _table(body, content_type)
    return {"predictions": score(served, table).tolist()}


def _table(body: bytes, content_type: str) -> pd.DataFrame:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == CSV_TYPE:
        return _of_csv(body)
    if kind != JSON_TYPE:
        raise WrongType(f"The Content-Type is {content_type!r}; expected {JSON_TYPE!r} or {CSV_TYPE!r}.")
    values = object_of(body)
    given = [name for name in FORMATS if name in values]
    if len(given) != 1 or set(values) - {*FORMATS, "params"}:
        raise BadRequest(
            f"The JSON object has the fields {sorted(values)}; expected exactly one of {', '.join(FORMATS)}."
        )
    if values.get("params"):
        raise BadRequest("This model takes no 'params'.")
    return _of_format(given[0], values[given[0]])


def object_of(body: bytes) -> dict[str, Any]:  # JSON
    """The JSON object that a body is.

    Raises:
        BadRequest: it is none.
    """
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not JSON.") from None
    if not isinstance(values, dict):
        raise BadRequest("The body is not a JSON object.")
    return values


def _of_csv(body: bytes) -> pd.DataFrame:
    try:
        return pd.read_csv(io.BytesIO(body), dtype={"learner": str, "item": str, "skill": str})
    except (ValueError, UnicodeDecodeError):
        raise BadRequest("The body is not CSV with a line of column names.") from None


def _of_format(name: str, value: Any) -> pd.DataFrame:  # JSON
    if name == "dataframe_split":
        if not isinstance(value, dict) or not {"columns", "data"} <= set(value):
            raise BadRequest("'dataframe_split' is not an object with 'columns' and 'data'.")
        return _frame(name, value["data"], columns=value["columns"])
    if isinstance(value, dict) and name != "dataframe_records":
        return _frame(name, value)
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise BadRequest(f"{name!r} is not a list of objects, one a row.")
    return _frame(name, value)


def _frame(name: str, data: Any, columns: Any = None) -> pd.DataFrame:  # JSON
    try:
        return pd.DataFrame(data, columns=columns)
    except (ValueError, TypeError, AssertionError):
        raise BadRequest(f"{name!r} does not have one value for each row and column.") from None
