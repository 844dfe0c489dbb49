"""What ANNarchy has and engram has not yet: under its own name, so that scripts import it; calling it is an error."""

from __future__ import annotations

from typing import Any, NoReturn

from engram.errors import NotAvailable

__all__ = [
    "ANNtoSNNConverter",
    "Convolution",
    "Copy",
    "DiagonalProjection",
    "ImagePopulation",
    "Logger",
    "Pooling",
    "Rate2SpikePopulation",
    "Spike2RatePopulation",
    "Transpose",
    "VideoPopulation",
    "balloon_maith2021",
    "load_parameter",
]

_INPUT = "a parameter of a population can be assigned between two calls of simulate(), or by a function under @every"
_WEIGHTS = "a projection with from_matrix(...), from_sparse(...) or from_function(...) has any synapses"
_MODEL_OF_USER = "BoldModel(parameters, equations, inputs) takes equations of a paper, and balloon_RN(...) its numbers"


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
balloon_maith2021 = _class("balloon_maith2021", _MODEL_OF_USER)
DiagonalProjection = _class("DiagonalProjection", _WEIGHTS)
Rate2SpikePopulation = _class(
    "Rate2SpikePopulation", "PoissonPopulation(n, target='exc') emits spikes at the rates that arrive"
)
Spike2RatePopulation = _class(
    "Spike2RatePopulation",
    "DecodingProjection(pre, post, target, window) brings rates of spiking neurons to rate-coded ones",
)
ANNtoSNNConverter = _class("ANNtoSNNConverter", "from_matrix(...) of projections takes the weights of each layer")
Logger = _class("Logger", "record with a Monitor, and write what it gives to the log")
load_parameter = _function("load_parameter", "load_parameters(file) reads JSON")
