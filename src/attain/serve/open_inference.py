"""The Open Inference Protocol, version 2: a request holds one tensor a column, the answer one of probabilities.

See https://github.com/kserve/open-inference-protocol.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from attain import __version__
from attain.serve.rows import score
from attain.serve.served import Served
from attain.server.wire import BadRequest
from attain.tracking.errors import NotFound

Json = dict[str, Any]

KINDS: Mapping[str, tuple[str, ...]] = {
    "learner": ("BYTES", "INT64", "INT32"),
    "item": ("BYTES", "INT64", "INT32"),
    "skill": ("BYTES", "INT64", "INT32"),
    "correct": ("INT64", "INT32", "INT8", "UINT8", "BOOL", "FP64", "FP32"),
    "time_s": ("FP64", "FP32", "INT64"),
}
"""The tensors that are taken, and their data types, the usual one first."""
OUTPUT = "probability"


def server() -> Json:
    """What the server says of itself."""
    return {"name": "attain", "version": __version__, "extensions": []}


def model(served: Served, name: str, version: str | None) -> Json:
    """What the server says of the model.

    Raises:
        NotFound: another one is served.
    """
    check(served, name, version)
    inputs = [{"name": column, "datatype": kinds[0], "shape": [-1]} for column, kinds in KINDS.items()]
    outputs = [{"name": OUTPUT, "datatype": "FP64", "shape": [-1]}]
    return {
        "name": served.name,
        "versions": [served.version],
        "platform": f"attain_{served.tracer.name}",
        "inputs": inputs,
        "outputs": outputs,
    }


def infer(served: Served, name: str, version: str | None, values: Json) -> Json:
    """The answer to a request.

    Raises:
        NotFound: another model is served.
        BadRequest: a tensor is unknown, or is not as long as it says.
    """
    check(served, name, version)
    inputs = values.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        raise BadRequest("'inputs' is not a list of tensors.")
    columns: dict[str, list[Any]] = {}
    for tensor in inputs:
        column, data = _column(tensor)
        if column in columns:
            raise BadRequest(f"The tensor {column!r} is there twice.")
        columns[column] = data
    if len({len(data) for data in columns.values()}) > 1:
        raise BadRequest("The tensors differ in length; each must have one value a row.")
    scores = score(served, pd.DataFrame(columns)).tolist()
    output = {"name": OUTPUT, "shape": [len(scores)], "datatype": "FP64", "data": scores}
    same_id = {"id": values["id"]} if isinstance(values.get("id"), str) else {}
    return {"model_name": served.name, "model_version": served.version, **same_id, "outputs": [output]}


def check(served: Served, name: str, version: str | None) -> None:
    """Refuse a request to another model.

    Raises:
        NotFound: it is.
    """
    if name != served.name or version not in (None, served.version):
        wanted = name if version is None else f"{name} version {version}"
        raise NotFound(f"There is no model {wanted} here; {served.name} version {served.version} is served.")


def _column(tensor: object) -> tuple[str, list[Any]]:
    if not isinstance(tensor, dict) or not {"name", "shape", "datatype", "data"} <= set(tensor):
        raise BadRequest("An input is not an object with 'name', 'shape', 'datatype' and 'data'.")
    name, shape, kind, data = (tensor[key] for key in ("name", "shape", "datatype", "data"))
    if name not in KINDS or kind not in KINDS[name]:
        known = "; ".join(f"{column}: {' or '.join(kinds)}" for column, kinds in KINDS.items())
        raise BadRequest(f"The tensor {name!r} of {kind!r} is not one of the model's. It takes {known}.")
    if isinstance(data, list) and len(data) == 1 and isinstance(data[0], list):
        data = data[0]  # nested by rows, as the protocol allows
    if isinstance(data, list) and data and all(isinstance(one, list) and len(one) == 1 for one in data):
        data = [one[0] for one in data]
    sizes = shape if isinstance(shape, list) and all(isinstance(size, int) for size in shape) else [-1]
    if not isinstance(data, list) or math.prod(sizes) != len(data) or max(sizes, default=0) != len(data):
        raise BadRequest(f"The tensor {name!r} says shape {shape} and has other data; expected a column, shape [n].")
    if any(isinstance(one, list | dict) for one in data):
        raise BadRequest(f"The tensor {name!r} holds more than one value a row.")
    return name, data
