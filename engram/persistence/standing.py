"""A network as it stands, of which equal ones are made, one after another: what runs of parameter studies begin from.

Where it is compiled, the next one takes the memory and the kernels of one that is no longer needed, and gets all values
anew; otherwise each is built, with a seed of its own.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b

from engram.persistence.copies import Array, Facts, pickled, put_all, unpickled, with_flights
from engram.persistence.keeper import Keeper
from engram.program.backends import chosen_backend
from engram.program.building import build, made_ready
from engram.program.config import changed
from engram.program.first_start import compile_first

__all__ = ["Standing", "standing"]


@dataclass(frozen=True)
class Standing:
    """A network as it stands; nothing that happens to those that are made of it changes it.

    Args:
        text: its blueprint.
        arrays: that stand beside it.
        values: of its tree.
        facts: what else it knows.
    """

    text: str
    arrays: dict[str, Array]
    values: dict[str, Array]
    facts: Facts
    _free: list[tuple[Keeper, int]] = field(default_factory=list, repr=False, compare=False)  # and their changes

    @property
    def digest(self) -> str:
        """A digest of all of it but the number of threads, which changes no result."""
        found = blake2b(self.text.encode("utf-8"), digest_size=16)
        for kind in (self.arrays, self.values):
            for path, array in sorted(kind.items()):
                found.update(f"\n{path} {array.dtype.str} {array.shape}\n".encode())
                found.update(array.tobytes())
        facts = self.facts
        found.update(repr((facts.is_compiled, facts.first_seed, sorted(facts.constants.items()))).encode())
        found.update(facts.laws.words().encode())
        return found.hexdigest()

    def take(self, seed: int) -> tuple[Keeper, int]:
        """Return who keeps an equal network, compiled, which draws with this seed from now on; and its changes.

        With the seed that it has, it goes on to the bit as the network would.
        """
        if self._free:
            keeper, changes = self._free.pop()
            self._again(keeper)
        else:
            keeper, changes = self._new(), -1
        if seed != keeper.program.seed:
            keeper.program.config = changed(keeper.program.config, {"seed": seed})
            keeper.runner.seed_anew()
        program = keeper.program
        if not program.compiled:
            build(keeper.runner, chosen_backend(None, partial(compile_first, program)))
        return keeper, program.changes if changes < 0 else changes

    def give_back(self, keeper: Keeper, changes: int) -> None:
        """Let the next one have the memory of a network that nobody needs any more.

        One with other monitors or callbacks, or that has taken over what a file says, is not kept.
        """
        program = keeper.program
        is_same = program.changes == changes and keeper.load_report is None and not program.state.broken
        has_same = with_flights(program) == self.facts.in_flight  # slots that come and go
        if self.facts.is_compiled and is_same and has_same:
            self._free.append((keeper, changes))

    def _new(self) -> Keeper:
        arrays, values = ({path: array.copy() for path, array in one.items()} for one in (self.arrays, self.values))
        return unpickled(self.text, arrays, values, self._copied_facts())

    def _again(self, keeper: Keeper) -> None:
        program, facts = keeper.program, self._copied_facts()
        program.config = changed(program.config, {"num_threads": facts.num_threads})
        program.constants, keeper.parameters = facts.constants, facts.parameters
        program.first_seed = facts.first_seed
        keeper.runner.callbacks.enabled = True
        put_all(program.state, ((path, array.copy()) for path, array in sorted(self.values.items())))
        made_ready(keeper.runner)

    def _copied_facts(self) -> Facts:
        """Return facts that a network may change."""
        facts = self.facts
        return replace(facts, constants=dict(facts.constants), parameters=deepcopy(facts.parameters))


def standing(keeper: Keeper, num_threads: int | None = None) -> Standing:
    """Return a network as it stands now.

    Args:
        num_threads: of those that will be made; None: as many as it has.
    """
    text, arrays, values, facts = pickled(keeper)
    both = (
        {path: array.copy() for path, array in arrays.items()},
        {path: array.copy() for path, array in values.items()},
    )
    return Standing(text, *both, facts if num_threads is None else replace(facts, num_threads=num_threads))
