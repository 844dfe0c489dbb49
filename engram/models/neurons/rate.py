"""Rate-coded neurons."""

from __future__ import annotations

from engram.callers import checked_calls
from engram.models.definition import Neuron
from engram.models.parameters import local

__all__ = ["LeakyIntegrator"]


@checked_calls
class LeakyIntegrator(Neuron):
    """A rate-coded neuron that integrates its inputs with a leak; its rate is the potential above a threshold.

    Equations::

        tau*dv/dt + v = sum(exc) - sum(inh) + B        (exponential: exact while the right side stays)
        r = max(v - T, 0)

    Args:
        tau: time constant in ms, one for the population (10.0).
        B: baseline of the potential (0.0).
        T: threshold of the rate, one for the population (0.0).
        sum: text, the input; sum(exc) - sum(inh) by default.
        noise: text added to the right side, such as ``Normal(0.0, 0.1)``; none by default.

    Source:
        Wilson HR, Cowan JD (1972) Excitatory and inhibitory interactions in localized populations of model neurons.
        Biophys J 12:1-24.
    """

    _positive = "tau"

    def __init__(
        self,
        tau: float = 10.0,
        B: float = 0.0,
        T: float = 0.0,
        sum: str = "sum(exc) - sum(inh)",  # noqa: A002  the name of ANNarchy's argument
        noise: str | None = None,
    ) -> None:
        drive = f"({sum}) + B" if noise is None else f"({sum}) + B + ({noise})"
        super().__init__(
            parameters={"tau": tau, **local(B=B), "T": T},
            equations=f"""
                tau*dv/dt + v = {drive} : exponential
                r = pos(v - T)
            """,
            name="LeakyIntegrator",
            description="Leaky-integrator rate-coded neuron.",
        )
