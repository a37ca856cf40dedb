"""The small files of a folder `mlruns`: descriptions in YAML, a text a file, a point of a metric a line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from attain.tracking.entities import MetricPoint
from attain.tracking.errors import Invalid
from attain.tracking.registry_entities import ModelPoint

Yaml = dict[str, Any]

META = "meta.yaml"


def point_of_line(key: str, line: str, file: Path) -> MetricPoint:
    """A line `time value`, `time value step`, or with a data set's name and digest behind."""
    parts = line.split()
    try:
        return MetricPoint(key, float(parts[1]), int(parts[0]), int(parts[2]) if len(parts) > 2 else 0)
    except (ValueError, IndexError):
        raise Invalid(
            f"The metric file {str(file)!r} has a line {line.strip()!r}; expected 'time value step'."
        ) from None


def model_point_of_line(model_id: str, key: str, line: str, file: Path) -> ModelPoint:
    """A line `time value step run`, perhaps with a data set's name and digest behind."""
    run_id, name, digest, *_ = [*line.split()[3:6], "", "", ""]
    return ModelPoint(model_id, point_of_line(key, line, file), name, digest, run_id)


def texts_in(folder: Path) -> dict[str, str]:
    """Params or tags: a file each."""
    return {key: file.read_text() for key, file in files_by_name(folder)}


def files_by_name(folder: Path) -> Iterator[tuple[str, Path]]:
    """Files below a folder, by their relative path: a key with slashes is a file in folders."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file.relative_to(folder).as_posix(), file


def folders_with_meta(folder: Path) -> list[Path]:
    """Folders directly in another that say what they are."""
    return sorted(f for f in folder.iterdir() if (f / META).is_file()) if folder.is_dir() else []


def meta_of(folder: Path) -> Yaml:
    """What a folder says that it is."""
    try:
        found = yaml.safe_load((folder / META).read_text())
    except yaml.YAMLError as error:
        raise Invalid(f"The file {str(folder / META)!r} is not YAML: {error}.") from None
    if not isinstance(found, dict):
        raise Invalid(f"The file {str(folder / META)!r} is empty or damaged; expected names with values.")
    return found
