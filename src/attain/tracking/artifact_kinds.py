"""Artifacts made from things in memory: text, data as JSON or YAML, figures, tables."""

import contextlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from attain.tracking.artifacts import log_bytes, read_bytes
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.store_protocol import Store

if TYPE_CHECKING:
    import pandas as pd

    Table = Mapping[str, object] | pd.DataFrame


@runtime_checkable
class Drawn(Protocol):
    """A matplotlib figure, or what saves itself like one."""

    def savefig(self, target: io.BytesIO, *, format: str) -> object:
        """Write the picture to `target`."""


@runtime_checkable
class Page(Protocol):
    """A plotly figure, or what writes itself as a page like one."""

    def to_html(self) -> str:
        """The page."""


def log_text(store: Store, run_id: str, text: str, path: str) -> None:
    """Keep text as UTF-8."""
    log_bytes(store, run_id, text.encode(), path)


def log_dict(store: Store, run_id: str, data: Mapping[str, object] | Sequence[object], path: str) -> None:
    """Keep plain data as JSON, or as YAML where the path ends in `.yaml` or `.yml`."""
    if PurePosixPath(path).suffix in (".yaml", ".yml"):
        import yaml

        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    else:
        try:
            text = json.dumps(data, indent=2, ensure_ascii=False)
        except TypeError as error:
            raise Invalid(f"The data for {path!r} cannot be written as JSON: {error}.") from None
    log_text(store, run_id, text, path)


def log_figure(store: Store, run_id: str, figure: object, path: str) -> None:
    """Keep a matplotlib figure in the format of the path's ending, or a plotly figure as `.html`."""
    suffix = PurePosixPath(path).suffix.lstrip(".")
    if isinstance(figure, Drawn):
        picture = io.BytesIO()
        figure.savefig(picture, format=suffix or "png")
        log_bytes(store, run_id, picture.getvalue(), path)
    elif isinstance(figure, Page) and suffix == "html":
        log_text(store, run_id, figure.to_html(), path)
    else:
        raise Invalid(
            f"A {type(figure).__name__} cannot be kept as {path!r}; expected a matplotlib figure, "
            "or a plotly figure and a path that ends in '.html'."
        )


def log_table(store: Store, run_id: str, data: "Table", path: str) -> None:
    """Keep a table as `.json`, `.csv` or `.parquet`; its rows go below those that the file has already."""
    import pandas as pd

    suffix = PurePosixPath(path).suffix
    if suffix not in (".json", ".csv", ".parquet"):
        raise Invalid(f"A table cannot be kept as {path!r}; expected an ending of .json, .csv or .parquet.")
    frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(_columns(data))
    with contextlib.suppress(NotFound):
        frame = pd.concat([load_table(store, run_id, path), frame], ignore_index=True)
    target = io.BytesIO()
    if suffix == ".json":
        target.write(_split_json(frame).encode())
    elif suffix == ".csv":
        frame.to_csv(target, index=False)
    else:
        frame.to_parquet(target, index=False)
    log_bytes(store, run_id, target.getvalue(), path)


def load_table(store: Store, run_id: str, path: str) -> "pd.DataFrame":
    """A table that `log_table` kept."""
    import pandas as pd

    source = io.BytesIO(read_bytes(store, run_id, path))
    suffix = PurePosixPath(path).suffix
    if suffix == ".json":
        return pd.DataFrame(**json.load(source))
    return pd.read_csv(source) if suffix == ".csv" else pd.read_parquet(source)


def _split_json(frame: "pd.DataFrame") -> str:
    """Columns and rows as pandas' orient `split` has them, but numbers with all their digits; missing is null."""
    rows = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    return json.dumps({"columns": frame.columns.tolist(), "data": rows}, default=str, ensure_ascii=False)


def _columns(data: Mapping[str, object]) -> dict[str, object]:
    """Columns of a table; single values make one row."""
    several = (list, tuple)
    if any(isinstance(v, several) or hasattr(v, "__array__") for v in data.values()):
        return dict(data)
    return {name: [value] for name, value in data.items()}
