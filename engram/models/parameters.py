"""Parameters of ready-made models: dictionaries with one value per neuron or synapse.

In a dictionary a bare value is one for the whole population or projection; :func:`local` says otherwise.
"""

from __future__ import annotations

from engram.language import Parameter

__all__ = ["local"]


def local(**values: float) -> dict[str, Parameter]:
    """Return parameters that each neuron or synapse has its own value of."""
    return {name: Parameter(value, "local") for name, value in values.items()}
