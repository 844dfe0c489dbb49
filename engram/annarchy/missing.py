"""What ANNarchy has and engram has not yet: under its own name, so that scripts import it; calling it is an error."""

from __future__ import annotations

from typing import Any, NoReturn

from engram.errors import NotAvailable

__all__ = [
    "BoldMonitor",
    "Convolution",
    "Copy",
    "ImagePopulation",
    "Logger",
    "Pooling",
    "Transpose",
    "VideoPopulation",
    "load_parameter",
    "start_creating",
    "start_pruning",
    "stop_creating",
    "stop_pruning",
    "timeit",
]

_INPUT = "a parameter of a population can be assigned between two calls of simulate(), or by a function under @every"
_WEIGHTS = "a projection with from_matrix(...), from_sparse(...) or from_function(...) has any synapses"
_PRUNING = "proj.dendrite(post) has create_synapse() and prune_synapse(), between two calls of simulate()"


class _Missing:
    """A class that can be named, and no more."""

    _instead = ""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise _refusal(cls.__name__, cls._instead)


def _class(name: str, instead: str) -> Any:
    return type(name, (_Missing,), {"_instead": instead, "__doc__": f"Not available yet: {instead}."})


def _function(name: str, instead: str) -> Any:
    def call(*_args: Any, **_kwargs: Any) -> NoReturn:
        raise _refusal(name, instead)

    call.__name__, call.__doc__ = name, f"Not available yet: {instead}."
    return call


def _refusal(name: str, instead: str) -> NotAvailable:
    return NotAvailable(f"{name} is not available yet\n  help: {instead}.")


# Names, and what does the same or nearly so today.
ImagePopulation = _class("ImagePopulation", _INPUT)
VideoPopulation = _class("VideoPopulation", _INPUT)
Convolution = _class("Convolution", _WEIGHTS)
Pooling = _class("Pooling", _WEIGHTS)
Transpose = _class("Transpose", _WEIGHTS)
Copy = _class("Copy", _WEIGHTS)
BoldMonitor = _class("BoldMonitor", "record the rates, and compute the signal from them")
Logger = _class("Logger", "record with a Monitor, and write what it gives to the log")
timeit = _function("timeit", "simulate(duration, measure_time=True) prints how long it took")
load_parameter = _function("load_parameter", "load_parameters(file) reads JSON")
start_pruning = _function("start_pruning", _PRUNING)
stop_pruning = _function("stop_pruning", _PRUNING)
start_creating = _function("start_creating", _PRUNING)
stop_creating = _function("stop_creating", _PRUNING)
