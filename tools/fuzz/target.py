"""One network that loads spoilt files by the thousand, and what is said of each; it runs in a process of its own.

In: the suffix of a format and numbers of cases. Out: how each ended.

* ``refused``: an error of engram's, and the network is as it was;
* ``equal``: loaded, and all that the network knows is what the honest file holds;
* ``opened``: (of files that lie under right seals, by ``eg.open``) a network that takes a step; its digest is its own;
* ``named``: (of such files) loaded without what does not fit the network, and a warning named that;
* ``set``: (of parameters, which have no seal) loaded, and the network has the values that the text says;
* ``silent``: loaded, with other values than the honest file's, and nobody said so;
* ``changed``: refused, but the network is no longer what it was;
* ``crashed``: another error, or too slow, or too much memory;
* ``executed``: something was imported, run, opened or sent meanwhile.
"""

from __future__ import annotations

import codecs
import importlib
import json
import os
import pkgutil
import random
import resource
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import engram
import engram as eg
from engram.errors import EngramError, LoadWarning
from tools.fuzz.hostile import CANARY
from tools.fuzz.lies import liar
from tools.fuzz.mutations import MUTATIONS

__all__ = ["GOOD", "PARAMETERS", "Outcome", "Target", "family_of", "run"]

GOOD = ("refused", "equal", "opened", "named", "set")
PARAMETERS = ".json"
WARM_UP = 40
READING = ("blueprint", "ir", "language", "models", "persistence", "program", "state", "storage", "wiring")
MOST_BYTES, MOST_SECONDS = 512 << 20, 10
SUSPECT = (
    "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile", "subprocess.", "socket.", "pty.",
    "urllib.", "http.", "ftplib.", "smtplib.", "import", "exec", "compile", "marshal.", "pickle.", "ctypes.", "shutil.",
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate", "os.putenv",
    "code.__new__", "builtins.input",
)  # fmt: skip
HARMLESS = ("open", "os.remove", "os.rename", "os.mkdir", "os.chmod", "os.truncate")  # below that folder
FAMILY = {".npz": "zip", ".engram": "zip", ".gz": "gzip", ".mat": "mat", ".h5": "hdf5", ".json": "json"}
CELL = eg.Neuron(
    parameters="tau = 10.0 : population\n n = 3 : int\n on = True : bool\n b = 0.5",
    equations="s = 0.5*s + 1.0 : population\n k += n : int\n tau*dv/dt = -v + b + g_exc + 0.2*Normal(0.0, 1.0)",
    spike="v > 0.3",
    reset="v = 0.0",
    refractory=2.0,
)
PLASTIC = eg.Synapse(
    parameters="eta = 0.1 : projection\n gain = 1.0 : postsynaptic\n own = 2.0",
    pre_spike="g_target += w*gain ; w += eta*own",
)


class Outcome(NamedTuple):
    """How one case ended; ``detail`` where it ended badly."""

    case: int
    what: str
    outcome: str
    detail: str = ""


def family_of(suffix: str) -> str:
    """Return by which family's ways files of a format are spoilt."""
    return FAMILY.get(suffix, "pickle")


def network(seed: int) -> eg.Network:
    """Return a small network with all kinds of slots, in the interpreter: nothing is compiled."""
    net = eg.Network(dt=1.0, seed=seed)
    a, b = net.create(12, CELL, name="a"), net.create(5, CELL, name="b")
    net.connect(a[[0, 1, 5, 7]], b, "exc", PLASTIC, name="c").all_to_all(weights=eg.Uniform(0.0, 1.0))
    net.connect(b, a, "exc", name="d").all_to_all(0.5, delays=3.0)
    listed = net.connect(a, b, "exc", name="e")
    listed.connect_from(([0, 3, 5, 11], [0, 1, 1, 4], [0.1, 0.2, 0.3, 0.4], [1.0, 2.0, 3.0, 2.0]))
    net.monitor(b[::2], ["v", "spike"], name="m")
    net.compile(backend="numpy")
    net.simulate(9.0 + seed)
    return net


class _Watch:
    """Sees what Python does while a file is read; below a folder, which holds all caches, files may come and go."""

    def __init__(self, folder: Path) -> None:
        self.seen: list[str] = []
        self.folder = str(folder)
        self.is_on = False
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_on:
            return
        if event == "open" or event.startswith("os."):
            names = [os.fsdecode(one) for one in arguments if isinstance(one, str | bytes) and len(one) > 3]
            if all(name.startswith((self.folder, "/proc/")) for name in names) and event in HARMLESS:
                return
        if event == "open" or event.startswith(SUSPECT):
            self.seen.append(f"{event} {arguments!r:.120}")


class Target:
    """A network, the honest file of another one, and the place at which spoilt ones are put."""

    def __init__(self, suffix: str, folder: Path) -> None:
        self.suffix, self.path = suffix, folder / f"case{suffix}"
        self.is_parameters = suffix == PARAMETERS
        self.net, other = network(2), network(1)
        self.net.save(folder / "before.engram")
        self.before, self.folder = self.net.digest(), folder
        honest = folder / f"honest{suffix}"
        if self.is_parameters:
            other.save_parameters(honest)
        else:
            other.save(honest)
        self.honest, self.expected = honest.read_bytes(), other.digest()
        self.lie = None if self.is_parameters else liar(other, suffix)
        self.watch = _Watch(folder)

    def made(self, case: int) -> tuple[str, bytes]:
        """Return what was done to the file of a case, and its bytes."""
        rng = random.Random(case)
        if self.lie is not None and rng.random() < 0.25:
            return "lie", self.lie(rng)
        mutation = rng.choice(MUTATIONS[family_of(self.suffix)])
        return mutation.__name__, mutation(rng, self.honest)

    def tried(self, case: int, what: str, data: bytes) -> Outcome:
        """Load a file, and judge."""
        self.path.write_bytes(data)
        self.watch.seen = []
        load: Callable[[str], Any] = self.net.load_parameters if self.is_parameters else self.net.load
        is_opened = what == "lie" and case % 4 == 0
        outcome, detail = "", ""
        signal.setitimer(signal.ITIMER_REAL, MOST_SECONDS)
        self.watch.is_on = True
        try:
            if is_opened:
                eg.open(str(self.path), backend="numpy").step()
                outcome = "opened"
            else:
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always", LoadWarning)
                    load(str(self.path))
                outcome = "named" if caught and what == "lie" else ""
        except EngramError:
            outcome = "refused"
        except BaseException as error:  # noqa: BLE001  whatever it is, it is reported
            outcome, detail = "crashed", f"{type(error).__name__}: {error}"
        finally:
            self.watch.is_on = False
            signal.setitimer(signal.ITIMER_REAL, 0)
        return Outcome(case, what, *self._judged(outcome, detail, data))

    def _judged(self, outcome: str, detail: str, data: bytes) -> tuple[str, str]:
        now = self._digest()
        if self.watch.seen or os.path.exists(CANARY):
            outcome, detail = "executed", "; ".join(self.watch.seen[:3]) or CANARY
        elif outcome == "refused" and now != self.before:
            outcome = "changed"
        elif outcome == "" and self.is_parameters:
            outcome, detail = _compared(self.net, data, json.loads(self.honest))
        elif outcome in ("", "named"):
            outcome = "equal" if now == self.expected else outcome or "silent"
        if now != self.before:
            self.net.load(self.folder / "before.engram")
        return outcome, detail

    def _digest(self) -> str:
        try:
            return self.net.digest()
        except EngramError as error:  # the load broke it
            return str(error)


def _compared(net: eg.Network, data: bytes, honest: dict[str, Any]) -> tuple[str, str]:
    """Compare a network with a parameters file that was loaded, as far as Python's reader takes it.

    Only what the honest file sets is looked at: local parameters are skipped.
    """
    try:
        document = json.loads(data)
    except ValueError:
        return "set", ""  # comments, trailing commas
    for section, find in (("populations", net.get_population), ("projections", net.get_projection)):
        for name, values in document.get(section, {}).items():
            for attribute, value in values.items():
                if attribute not in honest[section].get(name, {}):
                    continue
                mine = np.unique(np.asarray(find(name).get(attribute)))
                if not np.isscalar(value) or len(mine) != 1 or mine[0] != np.asarray(value, mine.dtype):
                    return "silent", f"{section}/{name}/{attribute} is {mine}, {value!r:.40} in the file"
    return "set", ""


def _slow(number: int, frame: object) -> None:
    raise TimeoutError(f"more than {MOST_SECONDS} s")


def run(suffix: str, start: int, stop: int, folder: Path, progress: Callable[[int], object]) -> Iterator[Outcome]:
    """Try the cases of a format; ``progress`` is told each number before it is tried."""
    warnings.simplefilter("ignore")
    folder = folder.resolve()
    os.chdir(folder)
    target = Target(suffix, folder)
    for module in pkgutil.walk_packages(engram.__path__, "engram."):
        if module.name.split(".")[1] in READING:
            importlib.import_module(module.name)
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        codecs.lookup(encoding)
    for case in range(-WARM_UP, 0):  # what is imported when an error is first worded is no attack
        target.tried(case, *target.made(case))
    with open("/proc/self/statm", encoding="ascii") as statm:
        size = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MOST_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))
    signal.signal(signal.SIGALRM, _slow)
    for case in range(start, stop):
        progress(case)
        yield target.tried(case, *target.made(case))
