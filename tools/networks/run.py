"""Run networks with the engram that stands first on the path: started by ``tools/same_bits.py``, once per commit.

In: a folder and names of networks, one a line of standard input (none: all). Out: ``<name>/<way>/<stage>.engram`` there
for each, or ``<name>/failed`` with what went wrong, and ``<name>/done`` at the end of each.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from tools.networks.case import Case, stages
from tools.networks.plastic import PLASTIC
from tools.networks.rates import RATES
from tools.networks.spikes import SPIKES
from tools.networks.usage import USAGE

__all__ = ["CASES", "main"]

CASES = {case.name: case for case in (*RATES, *SPIKES, *PLASTIC, *USAGE)}


def main() -> None:
    """Run what standard input names."""
    folder = Path(sys.argv[1])
    for name in sys.stdin.read().splitlines():
        _run(CASES[name], folder / name)


def _run(case: Case, folder: Path) -> None:
    folder.mkdir(parents=True)
    try:
        for way in case.ways:
            stages(case, way, folder / way)
    except Exception as error:  # noqa: BLE001  whatever it is, it is reported, and the other networks are run
        last = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{way}: {type(error).__name__}: {error}\n(raised in {last.filename}, line {last.lineno})"
        (folder / "failed").write_text(text, encoding="utf-8")
    (folder / "done").touch()


if __name__ == "__main__":
    main()
