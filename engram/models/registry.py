"""Names that all models know: constants and functions declared for everyone.

``eg.Constant`` and ``eg.add_function`` write here; definitions read names when they are parsed, networks take values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engram import language

if TYPE_CHECKING:
    from engram.language.model import Function

__all__ = ["REGISTRY", "Registry"]


@dataclass
class Registry:
    """What has been declared in this process.

    Attributes:
        constants: values of constants for networks made from now on.
        names: of all constants, also of those that one network alone has.
        functions: texts of functions in order of declaration.
    """

    constants: dict[str, float] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    functions: list[str] = field(default_factory=list)

    def declare(self, name: str, value: float) -> None:
        """Declare a constant, or give it another value."""
        self.constants[name] = value
        self.names.add(name)

    def known(self) -> Mapping[str, float]:
        """Names for the parser; the values don't matter to it."""
        return {name: self.constants.get(name, 0.0) for name in sorted(self.names)}

    def add_function(self, text: str) -> None:
        """Declare a function; nothing is declared if its text is wrong. The same function again is no other.

        It may call functions that are declared later: whether they exist is asked when a model calls it.

        Raises:
            LanguageError: if the text is wrong, or another function has the name.
        """
        from engram.language.errors import DuplicateDefinition  # scripts without functions need none of it
        from engram.language.place import TextPlace

        declared = {f.name: f for f in self.parsed()}
        new = language.parse_functions(text, self.known(), declared.values(), is_open=True)
        if all(declared.get(f.name) == f for f in new):
            return
        taken = next((f for f in new if f.name in declared), None)
        if taken is not None:
            place = TextPlace("functions", "functions", text, taken.span.start, taken.span.end)
            what = f"another function '{taken.name}' was declared before"
            advice = "give this one another name, or forget all that were declared by eg.clear()."
            raise DuplicateDefinition(what, place, advice=advice, identifier=taken.name)
        self._parsed([*self.functions, text])
        self.functions.append(text)

    def parsed(self) -> tuple[Function, ...]:
        """The functions, parsed together: each may call any other."""
        return self._parsed(self.functions) if self.functions else ()

    def _parsed(self, texts: list[str]) -> tuple[Function, ...]:
        return language.parse_functions("\n".join(texts), self.known(), is_open=True)


REGISTRY = Registry()
