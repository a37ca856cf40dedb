"""What stands in an archive beside the run: how to make its environment by pip, conda or Docker, and what to type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from attain.repro.pins import Pins

REQUIREMENTS, CONDA, DOCKER, README = "requirements.txt", "environment.yml", "Dockerfile", "README.md"
DATA_IN_IMAGE = "/data"


@dataclass(frozen=True)
class Told:
    """What the recipes are of.

    Attributes:
        name: of the suite.
        run: what was exported, in words.
        run_id: its id.
        facts: `provenance.json` as it stands in the archive.
        pins: the packages.
        source: files of attain's own source that are in it, by their path in it; none where an index has attain.
        data: files of data, likewise; none where it has none.
        code_at: where the bundle of code is in it; empty where it has none.
    """

    name: str
    run: str
    run_id: str
    facts: Mapping[str, Any]  # JSON
    pins: Pins
    source: Mapping[str, Path]
    data: Mapping[str, Path]
    code_at: str

    @property
    def python(self) -> str:
        """Its version."""
        return str(self.facts["environment"]["python"])


def recipes(told: Told) -> dict[str, bytes]:
    """Each file's name and content."""
    texts = {
        REQUIREMENTS: told.pins.text(indexes=True),
        CONDA: _conda(told),
        DOCKER: _docker(told),
        README: _readme(told),
    }
    return {name: text.encode() for name, text in texts.items()}


def _conda(told: Told) -> str:
    """Python by conda, every package by pip: conda's builds of the same versions are others, and give other numbers."""
    lines = [line.split(" --hash=", 1)[0] for line in told.pins.lines]
    indexes = [f"--extra-index-url {one}" for one in told.pins.indexes]
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", f"attain-{told.name}")
    wanted = {
        "name": name,
        "channels": ["conda-forge", "nodefaults"],
        "dependencies": [f"python={told.python}", "pip", "git", {"pip": [*indexes, *lines]}],
        "variables": {**told.facts["environment"]["variables"]},
    }
    return yaml.safe_dump(wanted, sort_keys=False, width=1000)


def _docker(told: Told) -> str:
    variables = {**told.facts["environment"]["variables"], "ATTAIN_HOME": "/attain-home", "ATTAIN_DATA": DATA_IN_IMAGE}
    if told.source:
        variables["PYTHONPATH"] = "/archive/attain"
    system = "git libgomp1 g++" if told.pins.built or not told.pins.hashed else "git libgomp1"
    hashes = "--require-hashes " if told.pins.hashed else ""
    data = "" if told.data else f', "--data", "{DATA_IN_IMAGE}"'
    lines = [
        f"FROM python:{told.python}-slim",
        "# git checks the code out, libgomp1 is what numeric packages want of the system, g++ builds what has no wheel",
        f"RUN apt-get update && apt-get install -y --no-install-recommends {system} && rm -rf /var/lib/apt/lists/*",
        f"COPY {REQUIREMENTS} /archive/{REQUIREMENTS}",
        f"RUN python -m pip install --no-cache-dir --no-deps {hashes}-r /archive/{REQUIREMENTS}",
        "COPY . /archive",
        f"RUN mkdir -p {DATA_IN_IMAGE} /attain-home",
        *(f'ENV {name}="{value}"' for name, value in variables.items()),
        "WORKDIR /attain-home",
        'ENTRYPOINT ["python", "-m", "attain.cli", "reproduce", "/archive"' + f"{data}]",
    ]
    return "\n".join([*lines, ""])


def _readme(told: Told) -> str:
    parts = [_head(told), _again(told), _kept(told), _data(told), _environment(told), _code(told)]
    return "\n".join(part for part in parts if part)


def _head(told: Told) -> str:
    return f"""# {told.run}

One run of attain with all that is needed to run it again and to see whether the results are the same. Before anything
is run, every file is checked against `SHA256SUMS` (`sha256sum -c SHA256SUMS` does it by hand). Whoever changes files
can change that list too: compare the SHA-256 of the archive itself with the one that its maker names. To reproduce a
run is to run its code; do it with archives of people you trust.
"""


def _again(told: Told) -> str:
    data = "" if told.data or not _wanted(told) else f" -v FOLDER_WITH_DATA:{DATA_IN_IMAGE}"
    source = "PYTHONPATH=attain " if told.source else ""
    return f"""## Run it again

With attain installed:

    attain reproduce ARCHIVE.zip           # in this Python; a folder that it was unpacked to will do too
    attain reproduce ARCHIVE.zip --fresh   # in a new environment with the packages of then

Without it, in the unpacked folder, with Python {told.python}:

    python -m venv env
    env/bin/python -m pip install --no-deps -r {REQUIREMENTS}
    {source}env/bin/python -m attain.cli reproduce .

By conda (`{CONDA}`), or in a container (`{DOCKER}`):

    conda env create -f {CONDA}
    docker build -t again . && docker run --rm{data} again

Status 0 is identical, 3 numerically equal, 4 within seed variation, 1 differs, 2 not comparable or a mistake.
"""


def _kept(told: Told) -> str:
    return f"""## What is in it

- `suite.yaml`: the suite. `provenance.json`: command, code, packages, processor, threads, seeds, hashes of the data.
- `runs/`: params, tags and histories of metrics of each run (`run.json`) with its files. The predictions tables hold
  one row an answer or a learner, under pseudonyms: hand them on as you would such data.
- `data.json`: what the data were: names, fingerprints, SHA-256 of their files.
- the run that was exported: `{told.run_id}`.
"""


def _wanted(told: Told) -> list[str]:
    """The data files that one must have."""
    return [
        f"`{name}` (SHA-256 {digest})" for one in told.facts["data"] for name, digest in one["source_sha256"].items()
    ]


def _data(told: Told) -> str:
    if told.data:
        listed = "\n".join(f"- `{name}`" for name in told.data)
        said = "The data files are in it as they are, with learners' rows and ids. Handle them so."
        return f"## Data\n\n{said}\n\n{listed}\n"
    if not (wanted := _wanted(told)):
        return "## Data\n\nThe data are simulated; they are made again.\n"
    listed = "\n".join(f"- {one}" for one in wanted)
    return f"""## Data

No learner's data are in it. Put these files into a folder and name it with `--data FOLDER`; files of data sets that
have a card may lie in `FOLDER/NAME OF THE SET` too.

{listed}
"""


def _environment(told: Told) -> str:
    pins, said = told.pins, []
    if pins.hashed:
        said.append(
            "`requirements.txt` has each package's exact version and the SHA-256 of its files, from `pylock.toml`."
        )
    else:
        said.append(
            "`requirements.txt` has exact versions without hashes of their files: the run kept no lock of them, and "
            "the hashes in `provenance.json` are of lists of installed files, which no index can check."
        )
    if pins.indexes:
        said.append(f"Builds with a local version (such as `torch 2.13.0+cpu`) lie at {', '.join(pins.indexes)}.")
    if pins.elsewhere:
        said.append(f"Nobody knows here which index has {', '.join(pins.elsewhere)}; add it with --extra-index-url.")
    if pins.folders:
        said.append(f"Installed from a folder, and so not among them: {', '.join(pins.folders)}.")
    if told.source:
        said.append("attain was one of those; its source, as it was at export, lies in `attain/`.")
    return "## Packages\n\n" + "\n".join(said) + "\n"


def _code(told: Told) -> str:
    code = told.facts["code"]
    if code is None:
        return "## Code\n\nThe run kept no code: what is installed is what is run.\n"
    left = "\n".join(f"- `{name}`: {why}" for name, why in code["skipped"])
    first = code.get("tree_of_run")
    other = f" The run itself had tree `{first}`; some of its files are left out." if first else ""
    return f"""## Code

Git tree `{code["tree"]}`, verified when it is checked out.{other}

    git init code && git -C code fetch ../{told.code_at} refs/attain/code && git -C code checkout FETCH_HEAD

Left out: {"nothing." if not left else ""}
{left}
"""
