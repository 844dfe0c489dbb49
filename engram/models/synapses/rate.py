"""Rate-coded learning rules."""

from __future__ import annotations

from engram.callers import checked_calls
from engram.models.definition import Synapse

__all__ = ["IBCM", "Hebb", "Oja"]


@checked_calls
class Hebb(Synapse):
    """Hebb's rule: neurons that are active together strengthen their synapse.

    Equations::

        dw/dt = eta*pre.r*post.r                       (explicit, w >= 0)

    Args:
        eta: learning rate in 1/ms, one for the projection (0.01).

    Source:
        Hebb DO (1949) The Organization of Behavior. Wiley.
    """

    _positive = ""

    def __init__(self, eta: float = 0.01) -> None:
        super().__init__(
            parameters={"eta": eta},
            equations="dw/dt = eta*pre.r*post.r : explicit, min=0.0",
            psp="w*pre.r",
            name="Hebb",
            description="Hebbian learning.",
        )


@checked_calls
class Oja(Synapse):
    """Oja's rule: Hebbian growth, held in bounds by a decay that follows the postsynaptic rate.

    Equations::

        dw/dt = eta*(pre.r*post.r - alpha*post.r^2*w)  (explicit, w >= 0)

    With post.r = sum of w*pre.r the weights go to the first principal component of the inputs, with
    ``|w|^2 = 1/alpha``.

    Args:
        eta: learning rate in 1/ms, one for the projection (0.01).
        alpha: strength of the decay, one for the projection (1.0).

    Source:
        Oja E (1982) A simplified neuron model as a principal component analyzer. J Math Biol 15:267-273.
    """

    _positive = ""

    def __init__(self, eta: float = 0.01, alpha: float = 1.0) -> None:
        super().__init__(
            parameters={"eta": eta, "alpha": alpha},
            equations="dw/dt = eta*(pre.r*post.r - alpha*post.r^2*w) : explicit, min=0.0",
            psp="w*pre.r",
            name="Oja",
            description="Oja's regularized Hebbian learning.",
        )


@checked_calls
class IBCM(Synapse):
    """The rule of Bienenstock, Cooper and Munro as Intrator and Cooper wrote it: a threshold that slides.

    Equations::

        tau*dtheta/dt + theta = post.r^2               (exponential; one theta per postsynaptic neuron)
        dw/dt = eta*post.r*(post.r - theta)*pre.r      (explicit, w >= 0; after theta)

    Args:
        eta: learning rate in 1/ms, one for the projection (0.01).
        tau: time constant of the threshold in ms, one for the projection (2000.0).

    Source:
        Bienenstock EL, Cooper LN, Munro PW (1982) Theory for the development of neuron selectivity: orientation
        specificity and binocular interaction in visual cortex. J Neurosci 2:32-48.
        Intrator N, Cooper LN (1992) Objective function formulation of the BCM theory of visual cortical plasticity:
        statistical connections, stability conditions. Neural Networks 5:3-17.
    """

    _positive = "tau"

    def __init__(self, eta: float = 0.01, tau: float = 2000.0) -> None:
        super().__init__(
            parameters={"eta": eta, "tau": tau},
            equations="""
                tau*dtheta/dt + theta = post.r^2 : postsynaptic, exponential
                dw/dt = eta*post.r*(post.r - theta)*pre.r : explicit, min=0.0
            """,
            psp="w*pre.r",
            name="IBCM",
            description="Bienenstock-Cooper-Munro learning in the form of Intrator and Cooper.",
        )
