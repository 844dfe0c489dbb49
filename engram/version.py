"""The version of the library, and what pip calls it."""

__all__ = ["DISTRIBUTION", "__version__", "extra"]

__version__ = "0.1.0"

DISTRIBUTION = "engram-sim"
"""Its name for pip; ``engram`` on PyPI is somebody else's."""


def extra(name: str) -> str:
    """Return what to type after ``pip install`` for one of the extras, quoted for shells that take [ for a pattern."""
    return f"'{DISTRIBUTION}[{name}]'"
