"""The chart's Grafana dashboards: `python helm/dashboards --write`; `--check` fails when one is stale."""

import argparse
import json
from pathlib import Path

from operations import operations
from research import research

FOLDER = Path(__file__).parents[1] / "seedbed/files/dashboards"


def main() -> int:
    """Write or check; the exit code is 1 if a file is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--write", action="store_true")
    choice.add_argument("--check", action="store_true")
    write, stale = parser.parse_args().write, False
    for board in (research(), operations()):
        path = FOLDER / f"{board.uid.removeprefix('seedbed-')}.json"
        text = json.dumps(board.json(), indent=2) + "\n"
        if write:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f"{path} is stale: run `python helm/dashboards --write`")
            stale = True
    return int(stale)


if __name__ == "__main__":
    raise SystemExit(main())
