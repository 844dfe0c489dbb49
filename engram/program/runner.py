"""Who runs a program: what follows from it, what looks after its runs, and what its runs return to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from engram.program.callbacks import Callbacks
from engram.program.damage import described_damage
from engram.program.derived import Derived
from engram.program.finite import FiniteCheck
from engram.program.program import Program
from engram.program.random_state import generator_words, restore_generator
from engram.program.single_steps import SingleSteps
from engram.state import names
from engram.state.tree import State

__all__ = ["Runner"]


class Runner:
    """Runs a program.

    Attributes:
        program: that it runs.
        derived: what follows from it.
        check: whether its values are finite.
        single_steps: repeats steps that are run one by one.
        callbacks: of the user's.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.derived = Derived(program)
        self.check = FiniteCheck(self.derived)
        self.single_steps = SingleSteps(self.derived)
        self.callbacks = Callbacks(program)
        self._rng: np.random.Generator | None = None  # made on use: NumPy's generators take long to load

    @property
    def damage(self) -> str:
        """Which values are infinite or NaN now, in words; empty if all are finite."""
        if not self.program.compiled:
            return ""
        self.single_steps.end(self.check)  # a run refuses damage that was seen
        return described_damage(self.program, self.check.look())

    @contextmanager
    def new_tree(self) -> Iterator[None]:
        """Begin a new tree, which the caller fills; if that fails, all is as before, so that the user can try again."""
        program = self.program
        before, program.state = program.state, State()
        program.rows = {}
        self.derived = Derived(program)
        self.check = FiniteCheck(self.derived)
        self.single_steps = SingleSteps(self.derived)
        try:
            for path, slot in before.slots().items():  # the clock
                program.state.put(slot, before.read(path))
            yield
        except BaseException:
            program.state, program.compiled = before, False
            for projection in program.projections.values():
                projection.memo.clear()
            raise

    # -- the user's own generator ------------------------------------------------------------------------

    @property
    def rng(self) -> np.random.Generator:
        """A NumPy generator for the user's own draws, seeded by the network."""
        if self._rng is None:
            self._rng = np.random.default_rng(self.program.seed)
            words = self.program.value(names.DEFAULT_RNG)
            if words.any():  # a file brought the state
                restore_generator(self._rng, words)
        return self._rng

    def seed_anew(self) -> None:
        """Take the seed of the settings, or one from the system; the generator begins again with it."""
        self.program.set_seed()
        self.restart_generator()

    def store_generator(self) -> None:
        """Let the tree have the state of the generator."""
        words = generator_words(self.rng)
        if not np.array_equal(words, self.program.value(names.DEFAULT_RNG)):
            self.program.write(names.DEFAULT_RNG, words)

    def restore_generator(self) -> None:
        """Let the generator, which the user may hold, have the state that the tree has."""
        if self._rng is not None:
            restore_generator(self._rng, self.program.value(names.DEFAULT_RNG))

    def restart_generator(self) -> None:
        """Let the generator begin again."""
        self.program.write(names.DEFAULT_RNG, 0)
        if self._rng is not None:  # the user may hold it
            self._rng.bit_generator.state = np.random.default_rng(self.program.seed).bit_generator.state
