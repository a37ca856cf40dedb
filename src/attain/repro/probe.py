"""Says as JSON which data the suite in a file has now; run as a process, in the folder and with the code of a run."""

import json
import sys

from attain.core.errors import UserError
from attain.data.columns import columns_of
from attain.suite.config import read_suite
from attain.suite.named import datasets_of
from attain.tasks.find import task


def main() -> None:
    """Write `data`, a list, or `error`, a sentence."""
    try:
        source = read_suite(sys.argv[1])
        found = [data for _, data in datasets_of(source, task(source.suite.task))]
    except UserError as problem:
        sys.stdout.write(json.dumps({"error": str(problem)}))
        return
    data = [{"name": one.name, "fingerprint": one.fingerprint, "columns": columns_of(one)} for one in found]
    sys.stdout.write(json.dumps({"data": data}))


if __name__ == "__main__":
    main()
