"""Models of the BOLD signal of functional imaging: what the activity of neurons does to blood, as equations.

A model is a rate-coded neuron: one of them is a region. Its inputs are targets, ``sum(I_CBF)``; a
:class:`engram.BoldMonitor` computes them from populations (``bold_signals.py``), any projection can bring them.

Sources:
    Buxton RB, Wong EC, Frank LR (1998) Dynamics of blood flow and oxygenation changes during brain activation: the
    balloon model. Magn Reson Med 39:855-864.
    Friston KJ, Mechelli A, Turner R, Price CJ (2000) Nonlinear responses in fMRI: the balloon model, Volterra kernels,
    and other hemodynamics. NeuroImage 12:466-477.
    Buxton RB, Uludag K, Dubowitz DJ, Liu TT (2004) Modeling the hemodynamic response to brain activation. NeuroImage
    23:S220-S233.
    Stephan KE, Weiskopf N, Drysdale PM, Robinson PA, Friston KJ (2007) Comparing hemodynamic models with DCM.
    NeuroImage 38:387-401.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from engram.callers import checked_calls
from engram.errors import InvalidArgument
from engram.language.forms import make_block
from engram.models.definition import Neuron
from engram.models.parameters import local

__all__ = [
    "Balloon",
    "BoldModel",
    "balloon_CL",
    "balloon_CN",
    "balloon_RL",
    "balloon_RN",
    "balloon_two_inputs",
]

_FLOW = """
    I_CBF = sum(I_CBF)
    ds/dt = (phi*I_CBF - kappa*s - gamma*(f_in - 1.0))/second
    df_in/dt = s/second : init=1.0, min=0.01
"""
"""A signal that dilates vessels, and the blood that flows in: a damped oscillator (Friston et al. 2000)."""

_FLOW_AND_USE = """
    I_CBF = sum(I_CBF)
    I_CMRO2 = sum(I_CMRO2)
    ds/dt = (phi*I_CBF - kappa*s - gamma*(f_in - 1.0))/second
    df_in/dt = s/second : init=1.0, min=0.01
    ds_r/dt = (phi*I_CMRO2 - kappa*s_r - gamma*(r - 1.0))/second
    dr/dt = s_r/second : init=1.0, min=0.01
"""
"""The same, and the oxygen that is used, which is driven apart from the flow (Buxton et al. 2004)."""

_EXTRACTION = "E = 1.0 - (1.0 - E_0)^(1.0/f_in) : init=E_0\n"
_BALLOON = """
    dq/dt = ({used} - (q/v)*f_out)/(tau*second) : init=1.0, min=0.01
    dv/dt = (f_in - f_out)/(tau*second) : init=1.0, min=0.01
    f_out = v^(1.0/alpha) : init=1.0, min=0.01
"""
"""Deoxyhemoglobin and volume of the veins, relative to those at rest (Buxton et al. 1998)."""

_REVISED = """
    k_1 = 4.3*v_0*E_0*TE
    k_2 = epsilon*r_0*E_0*TE
    k_3 = 1.0 - epsilon
"""
_CLASSICAL = """
    k_1 = (1.0 - V_0)*4.3*v_0*E_0*TE
    k_2 = 2.0*E_0
    k_3 = 1.0 - epsilon
"""
"""What the signal says of volume and of deoxyhemoglobin (Stephan et al. 2007)."""

_NONLINEAR = "    BOLD = V_0*(k_1*(1.0 - q) + k_2*(1.0 - q/v) + k_3*(1.0 - v))\n"
_LINEAR = "    BOLD = V_0*((k_1 + k_2)*(1.0 - q) + (k_3 - k_2)*(1.0 - v))\n"
_ONE_INPUT = _FLOW + _EXTRACTION + _BALLOON.format(used="f_in*E/E_0")


@checked_calls
class BoldModel(Neuron):
    """A model of the BOLD signal; its equations read each input as ``sum(input)``.

    Example::

        eg.BoldModel("tau = 1000.0", "tau*dBOLD/dt = -BOLD + sum(I)", inputs="I")

    Args:
        parameters: as of :class:`engram.Neuron`.
        equations: as there; ``r`` is the first output if they define none.
        inputs: names of the inputs, one or a list.
        output: names of the variables that a :class:`engram.BoldMonitor` records in any case, one or a list.
        name, description: as of :class:`engram.Neuron`.

    Raises:
        LanguageError: listing everything that is wrong with the texts.
        InvalidArgument: if the equations do not read an input, or have no such output.
    """

    inputs: list[str]
    output: list[str]

    def __init__(
        self,
        parameters: Any,
        equations: Any,
        inputs: str | list[str],
        output: str | list[str] = "BOLD",
        name: str = "Custom BOLD model",
        description: str = "",
    ) -> None:
        listed = {
            what: [given] if isinstance(given, str) else list(given)
            for what, given in (("inputs", inputs), ("output", output))
        }
        for what, given in listed.items():
            if not given:
                raise InvalidArgument(f"{name}: {what} must name at least one\n  help: {what}='...'.")
        text = make_block("equations", equations).text
        lacking = next((one for one in listed["output"] if not re.search(rf"(?<!\w)d?{re.escape(one)}\b", text)), None)
        if lacking is not None:
            raise InvalidArgument(f"{name}: no equation defines the output {lacking!r}\n  help: output='...' names it.")
        if not re.search(r"(?<!\w)(r\s*[-+*/]?=(?!=)|dr\s*/\s*dt)", text):
            text += f"\nr = {listed['output'][0]}"
        super().__init__(parameters, text, name=name, description=description)
        vars(self).update(listed)
        self._check_names()

    def _check_names(self) -> None:
        unread = [one for one in self.inputs if one not in self.spec.targets]
        if unread:
            advice = f"read it in the equations, or leave it out of inputs; they read {', '.join(self.spec.targets)}."
            raise InvalidArgument(f"{self._what}: no equation reads sum({unread[0]})\n  help: {advice}")
        more = [one for one in self.spec.targets if one not in self.inputs]
        if more:
            raise InvalidArgument(f"{self._what}: the equations read sum({more[0]}), too\n  help: add it to inputs.")
        known = [a.name for a in self.spec.attributes if a.is_variable]
        unknown = [one for one in self.output if one not in known]
        if unknown:
            what = f"{self._what}: there is no variable {unknown[0]!r} to be its output"
            raise InvalidArgument(f"{what}\n  help: its variables are {', '.join(known)}.")


@checked_calls
class Balloon(BoldModel):
    """A balloon model: parameters by name, equations by class."""

    _equations: ClassVar[str]
    _positive = "E_0 tau alpha"
    _inputs: ClassVar[list[str]] = ["I_CBF"]

    def __init__(
        self,
        phi: float = 1.0,
        kappa: float = 1 / 1.54,
        gamma: float = 1 / 2.46,
        E_0: float = 0.34,
        tau: float = 0.98,
        alpha: float = 0.33,
        V_0: float = 0.02,
        v_0: float = 40.3,
        TE: float = 0.04,
        epsilon: float = 1.43,
        r_0: float = 25.0,
    ) -> None:
        numbers = local(phi=phi, kappa=kappa, gamma=gamma, E_0=E_0, tau=tau, alpha=alpha, V_0=V_0)
        super().__init__(
            {"second": 1000.0, **numbers, **local(v_0=v_0, TE=TE, epsilon=epsilon, r_0=r_0)},
            self._equations,
            self._inputs,
            name=type(self).__name__,
            description=(self.__doc__ or "").partition("\n")[0],
        )


@checked_calls
class balloon_RN(Balloon):  # noqa: N801  a name of ANNarchy's
    """The balloon model with revised coefficients and the non-linear signal.

    Equations, in which ``second`` is 1000 ms::

        I_CBF = sum(I_CBF)
        ds/dt = (phi*I_CBF - kappa*s - gamma*(f_in - 1))/second
        df_in/dt = s/second
        E = 1 - (1 - E_0)^(1/f_in)
        dq/dt = (f_in*E/E_0 - (q/v)*f_out)/(tau*second)
        dv/dt = (f_in - f_out)/(tau*second)
        f_out = v^(1/alpha)
        k_1 = 4.3*v_0*E_0*TE
        k_2 = epsilon*r_0*E_0*TE
        k_3 = 1 - epsilon
        BOLD = V_0*(k_1*(1 - q) + k_2*(1 - q/v) + k_3*(1 - v))

    At rest ``f_in``, ``q``, ``v`` and ``f_out`` are 1, and ``BOLD`` is 0. Equations have the method of the network.

    Args:
        phi: how much the signal that dilates vessels grows with the input (1.0).
        kappa: rate at which that signal decays, per second (1/1.54).
        gamma: how strongly the flow regulates itself, per second squared (1/2.46).
        E_0: fraction of oxygen that is extracted at rest (0.34).
        tau: time in seconds that blood needs to pass (0.98).
        alpha: stiffness of the veins (0.33).
        V_0: fraction of blood in a volume at rest (0.02).
        v_0: frequency offset at the surface of vessels, per second (40.3).
        TE: echo time in seconds (0.04).
        epsilon: ratio of the signals inside and outside of vessels (1.43).
        r_0: slope of the relaxation rate with the oxygen in vessels, per second (25.0).

    Sources:
        Friston KJ, Mechelli A, Turner R, Price CJ (2000) NeuroImage 12:466-477, and Stephan KE et al. (2007)
        NeuroImage 38:387-401.
    """

    _equations = _ONE_INPUT + _REVISED + _NONLINEAR


@checked_calls
class balloon_RL(Balloon):  # noqa: N801  a name of ANNarchy's
    """The balloon model with revised coefficients and the linear signal.

    As :class:`balloon_RN`, but for ``BOLD = V_0*((k_1 + k_2)*(1 - q) + (k_3 - k_2)*(1 - v))``.
    """

    _equations = _ONE_INPUT + _REVISED + _LINEAR


@checked_calls
class balloon_CN(Balloon):  # noqa: N801  a name of ANNarchy's
    """The balloon model with classical coefficients and the non-linear signal.

    As :class:`balloon_RN`, but for ``k_1 = (1 - V_0)*4.3*v_0*E_0*TE`` and ``k_2 = 2*E_0``.
    """

    _equations = _ONE_INPUT + _CLASSICAL + _NONLINEAR


@checked_calls
class balloon_CL(Balloon):  # noqa: N801  a name of ANNarchy's
    """The balloon model with classical coefficients and the linear signal.

    As :class:`balloon_CN`, with the signal of :class:`balloon_RL`.
    """

    _equations = _ONE_INPUT + _CLASSICAL + _LINEAR


@checked_calls
class balloon_two_inputs(Balloon):  # noqa: N801  a name of ANNarchy's
    """The balloon model whose inputs ask for blood (I_CBF) and for oxygen (I_CMRO2) apart.

    As :class:`balloon_RN`, and with its parameters, but that the oxygen that is used is ``r`` instead of
    ``f_in*E/E_0``::

        I_CMRO2 = sum(I_CMRO2)
        ds_r/dt = (phi*I_CMRO2 - kappa*s_r - gamma*(r - 1))/second
        dr/dt = s_r/second
        dq/dt = (r - (q/v)*f_out)/(tau*second)

    Source:
        Buxton RB, Uludag K, Dubowitz DJ, Liu TT (2004) NeuroImage 23:S220-S233.
    """

    _equations = _FLOW_AND_USE + _BALLOON.format(used="r") + _REVISED + _NONLINEAR
    _inputs: ClassVar[list[str]] = ["I_CBF", "I_CMRO2"]
