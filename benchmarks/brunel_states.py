"""The four states of Brunel's network (2000), beside the published rates, oscillations and irregularity.

    python -m benchmarks.brunel_states [--time MS] [--seed SEED] [--out FIGURE]

Model A: 12,500 equal neurons, 10,000 of them excitatory; each has 1,000 excitatory and 250 inhibitory inputs from the
network, and a Poisson process of its own. What the paper leaves open is chosen as follows. The potential decays exactly
from step to step, and jumps by all that arrives in a step at once. A neuron spikes if its potential is above 20 mV at
the end of a step; for the next 20 steps it stands at V_r and what arrives is lost. A spike of step n arrives in step
n + 15; one of the Poisson process in the step in which it is drawn. Potentials start between 0 mV and the threshold.

None of this decides. Spikes at the threshold and not only above it, a step more or less of refractoriness, or all
potentials starting at 0 change the rates by less than 1 %; steps of 0.02 ms raise that of the second state by 4.5 %,
those of the others by less than 2 %. In the first state the neurons fall into two groups that fire each other: the
period is twice the delay, which makes 333 Hz. In the fourth the rate wanders by about 2 % in 5 s, so it is simulated
longest. Takes a minute on two threads.

Source:
    Brunel N (2000) Dynamics of sparsely connected networks of excitatory and inhibitory spiking neurons.
    J Comput Neurosci 8:183-208, fig. 8.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import welch

import engram as eg

__all__ = ["STATES", "Found", "State", "main", "measure", "misses", "network"]

Array = npt.NDArray[np.float64]
N_EXC, N_INH, IN_DEGREE_EXC, IN_DEGREE_INH = 10000, 2500, 1000, 250
THETA, V_R, TAU_MS, J, DELAY_MS, REFRACTORY_MS = 20.0, 10.0, 20.0, 0.1, 1.5, 2.0
DT_MS, SETTLING_MS, SEGMENT_MS = 0.1, 500.0, 200.0
BANDS = {"rate": 0.05, "peak": 0.1}  # relative deviations allowed
REGULAR, IRREGULAR = 0.05, 0.3  # bars of the coefficient of variation: below, above
SHOWN_MS, SHOWN_NEURONS = 200.0, 50  # in the figure


@dataclass(frozen=True)
class State:
    """One state of the network, as published.

    Args:
        title: what the paper calls it.
        g: inhibitory over excitatory strength of a synapse.
        eta: external rate over that which brings a neuron without network to the threshold.
        rate_hz: of a neuron.
        time_ms: simulated and measured unless the user says otherwise.
        peak_hz: of the population's oscillation, where it is a bar.
        is_regular: whether intervals between spikes are equal, or vary widely.
    """

    title: str
    g: float
    eta: float
    rate_hz: float
    time_ms: float
    peak_hz: float | None = None
    is_regular: bool = False


STATES = (
    State("synchronous regular", 3.0, 2.0, 334.0, 2000.0, is_regular=True),
    State("synchronous irregular, fast", 6.0, 4.0, 60.0, 10000.0, 180.0),
    State("asynchronous irregular", 5.0, 2.0, 37.7, 10000.0),
    State("synchronous irregular, slow", 4.5, 0.9, 5.5, 30000.0, 22.0),
)


@dataclass(frozen=True)
class Found:
    """What one state was measured to do.

    Args:
        rate_hz: mean over neurons and time.
        peak_hz: the highest peak in the spectrum of the population's rate.
        cv: coefficient of variation of the intervals between a neuron's spikes, mean over neurons with three intervals.
        steps, ranks: of the spikes in the last moments, for the figure.
        counts: spikes of the population in each step.
    """

    rate_hz: float
    peak_hz: float
    cv: float
    steps: npt.NDArray[np.int64]
    ranks: npt.NDArray[np.int64]
    counts: Array


def network(state: State, seed: int) -> tuple[eg.Network, eg.Monitor]:
    """Return the compiled network and the monitor of all its spikes."""
    neuron = eg.Neuron(
        parameters={"tau": TAU_MS, "theta": THETA, "V_r": V_R, "J": J, "external": 0.0},
        equations=["tau*dv/dt = -v : exponential", "v += g_exc - g_inh + J*Poisson(external)"],
        spike="v > theta",
        reset="v = V_r",
        refractory=REFRACTORY_MS,
        name="Brunel",
    )
    net = eg.Network(dt=DT_MS, seed=seed)
    net.config(num_threads=2)
    neurons = net.create(N_EXC + N_INH, neuron, name="neurons")
    neurons.external = state.eta * THETA / (J * TAU_MS) * DT_MS  # spikes in a step: eta * C_E * nu_thr * dt
    neurons.v = eg.Uniform(0.0, THETA)
    exc = net.connect(neurons[:N_EXC], neurons, "exc", name="exc")
    exc.fixed_number_pre(IN_DEGREE_EXC, weights=J, delays=DELAY_MS)
    inh = net.connect(neurons[N_EXC:], neurons, "inh", name="inh")
    inh.fixed_number_pre(IN_DEGREE_INH, weights=state.g * J, delays=DELAY_MS)
    monitor = net.monitor(neurons, "spike", name="spikes")
    net.compile()
    return net, monitor


def measure(state: State, seed: int, time_ms: float) -> Found:
    """Simulate a state, and measure it after it has settled."""
    net, monitor = network(state, seed)
    net.simulate(SETTLING_MS)
    monitor.get()
    net.simulate(time_ms)
    trains = [np.array(train, np.int64) for train in monitor.get("spike").values()]
    n_steps = round(time_ms / DT_MS)
    steps = np.concatenate(trains) - round(SETTLING_MS / DT_MS)
    ranks = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    counts = np.bincount(steps, minlength=n_steps).astype(np.float64)
    rate_hz = len(steps) / len(trains) / time_ms * 1e3
    shown = (steps >= n_steps - round(SHOWN_MS / DT_MS)) & (ranks < SHOWN_NEURONS)
    return Found(rate_hz, _peak_hz(counts), _irregularity(trains), steps[shown], ranks[shown], counts)


def _peak_hz(counts: Array) -> float:
    """Return where the power of the population's rate is largest, by Welch's method, on a grid of 0.5 Hz.

    The segments are so short that the broad peaks of irregular states come out smooth. Below 1/segment they tell
    nothing, and above 1,000 Hz the first state has harmonics of equal power.
    """
    length = round(SEGMENT_MS / DT_MS)
    frequencies, power = welch(counts, 1e3 / DT_MS, "hann", length, nfft=round(2e3 / DT_MS))
    power[(frequencies <= 1e3 / SEGMENT_MS) | (frequencies > 1e3)] = 0.0
    return float(frequencies[power.argmax()])


def _irregularity(trains: list[npt.NDArray[np.int64]]) -> float:
    intervals = [np.diff(train) for train in trains if len(train) > 3]
    return float(np.mean([i.std() / i.mean() for i in intervals])) if intervals else float("nan")


def misses(state: State, found: Found) -> list[str]:
    """Return which bars a state misses."""
    bars = {
        "rate": abs(found.rate_hz / state.rate_hz - 1.0) <= BANDS["rate"],
        "peak": state.peak_hz is None or abs(found.peak_hz / state.peak_hz - 1.0) <= BANDS["peak"],
        "CV": found.cv < REGULAR if state.is_regular else found.cv > IRREGULAR,
    }
    return [name for name, holds in bars.items() if not holds]


def _row(state: State, found: Found) -> str:
    missed = misses(state, found)
    peak = "" if state.peak_hz is None else f"{state.peak_hz:g}"
    bar = f"< {REGULAR:g}" if state.is_regular else f"> {IRREGULAR:g}"
    cells = [
        f"{state.title} ({state.g:g}, {state.eta:g})",
        f"{found.rate_hz:.2f}",
        f"{state.rate_hz:g}",
        f"{found.peak_hz:.1f}",
        peak,
        f"{found.cv:.4f}",
        bar,
        f"**no**: {', '.join(missed)}" if missed else "yes",
    ]
    return f"| {' | '.join(cells)} |"


def draw(found: list[Found], file: Path) -> None:
    """Draw the spikes of 50 neurons over the rate of the population, as the paper's figure 8 does."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        2, len(found), figsize=(13.0, 4.0), sharex="col", height_ratios=(2, 1), layout="constrained", squeeze=False
    )
    for (raster, rate), state, one in zip(axes.T, STATES, found, strict=True):
        raster.plot(one.steps * DT_MS, one.ranks, ".", ms=2.0, color="#222222")
        raster.set_title(f"{state.title}\ng = {state.g:g}, eta = {state.eta:g}", fontsize=9, loc="left")
        last = np.arange(len(one.counts))[-round(SHOWN_MS / DT_MS) :]
        rate.plot(last * DT_MS, one.counts[last] / (N_EXC + N_INH) / DT_MS * 1e3, lw=0.7, color="#d1495b")
        rate.set_xlabel("time (ms)")
    axes[0, 0].set_ylabel("neuron")
    axes[1, 0].set_ylabel("rate (Hz)")
    figure.savefig(file, dpi=110, metadata={"Software": None})
    plt.close(figure)


def _measured(seed: int, time_ms: float | None) -> Iterator[Found]:
    print("| state (g, eta) | rate (Hz) | published | peak (Hz) | published | CV | bar | holds |")
    print("|---|---|---|---|---|---|---|---|")
    for state in STATES:
        found = measure(state, seed, time_ms or state.time_ms)
        print(_row(state, found), flush=True)
        yield found
    if time_ms is not None and any(time_ms < state.time_ms for state in STATES):
        print("\nRates and peaks wander: bars are meant for the times that each state has without --time.")


def main() -> None:
    """Print the table; exit with status 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--time", type=float, help="ms measured of each state, after 500 ms (2 to 30 s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="figure of spikes and rates")
    given = parser.parse_args()
    if given.time is not None and given.time < SEGMENT_MS:
        parser.error(f"--time must be at least {SEGMENT_MS:g} ms, or there is no spectrum")
    found = list(_measured(given.seed, given.time))
    if given.out:
        draw(found, given.out)
    sys.exit(any(misses(state, one) for state, one in zip(STATES, found, strict=True)))


if __name__ == "__main__":
    main()
