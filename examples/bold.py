"""What imaging would see: blood comes seconds after the spikes, and answers two pulses with less than twice one.

The BOLD signal of a region follows the activity of its neurons by equations of blood flow, volume and oxygen. After a
pulse of activity the flow swings like a damped oscillator; the signal peaks later and undershoots, and a second pulse
soon after adds less than the first. In long blocks of activity it settles where the equations have their fixed point.

Source:
    Friston KJ, Mechelli A, Turner R, Price CJ (2000) Nonlinear responses in fMRI: the balloon model, Volterra kernels,
    and other hemodynamics. NeuroImage 12:466-477.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

import engram as eg

Array = npt.NDArray[np.float64]

PULSES = eg.Neuron(  # two pulses of a second, ``gap`` seconds apart; one where there is no gap
    parameters="gap = 0.0",
    equations="r = if (t < 1000.0) or ((gap > 0.0) and (t >= 1000.0*gap) and (t < 1000.0*gap + 1000.0)): 1.0 else: 0.0",
)
GAPS = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)
REST, ACTIVE = 10.0, 12.0  # Hz
BASELINE, BLOCK = 5.0, 20.0  # s


def pulses(seconds: float) -> tuple[Array, Array]:
    """Return signals and flows, (time, region), of regions that get one pulse, or two, apart by each of ``GAPS``."""
    net = eg.Network(dt=10.0, seed=1)
    pop = net.create(1 + len(GAPS), PULSES)
    pop.gap = [0.0, *GAPS]
    regions = [[k] for k in range(pop.size)]
    bold = net.boldmonitor_from_slices(pop, regions, eg.balloon_RN, recorded_variables="f_in", start=True)
    net.compile()
    net.simulate(1000.0 * seconds)
    recorded = bold.get()
    return recorded["BOLD"], recorded["f_in"]


def blocks(n: int) -> tuple[Array, Array]:
    """Return the rate of spiking neurons that are active in blocks, (time,) in Hz, and the signal, (time,)."""
    net = eg.Network(dt=1.0, seed=1)
    begins, period = 1000.0 * BASELINE, 2000.0 * BLOCK
    is_active = f"(t >= {begins}) and (modulo(t - {begins}, {period}) < {period / 2})"
    pop = net.create(eg.PoissonPopulation(1000, rates=f"if {is_active}: {ACTIVE} else: {REST}"))
    pop.compute_firing_rate(100.0)
    warm = 100.0  # ms, until the window of the rate is full
    bold = net.boldmonitor(pop, eg.balloon_RN, {"I_CBF": "r"}, normalize_input=begins - warm)
    spikes = net.monitor(pop, "spike")
    net.compile()
    net.simulate(warm)
    bold.start()
    net.simulate(begins - warm + n * period)
    return spikes.population_rate(smooth=200.0)[int(warm) :], bold.get("BOLD")[:, 0]


def flow_peak() -> float:
    """Return when the flow peaks after a pulse of a second, in s: where a damped oscillator has answered all of it."""
    decay, gamma = 0.5 / 1.54, 1.0 / 2.46
    omega = np.sqrt(gamma - decay**2)
    return float(np.arctan2(np.exp(decay) * np.sin(omega), np.exp(decay) * np.cos(omega) - 1.0) / omega)


def settled(drive: float) -> float:
    """Return the signal at the fixed point of the equations for a constant input."""
    e_0, v_0, epsilon = 0.34, 0.02, 1.43
    f = 1.0 + drive * 2.46
    v = f**0.33
    q = v * (1.0 - (1.0 - e_0) ** (1.0 / f)) / e_0
    k_1, k_2, k_3 = 4.3 * 40.3 * e_0 * 0.04, epsilon * 25.0 * e_0 * 0.04, 1.0 - epsilon
    return float(v_0 * (k_1 * (1.0 - q) + k_2 * (1.0 - q / v) + k_3 * (1.0 - v)))


def main(quick: bool = False, output: str = "bold.png") -> dict[str, float]:
    """Return when the answer to a pulse peaks, how deep it undershoots, what a second one adds, and the plateau."""
    signals, flow = pulses(60.0)
    alone = signals[:, 0]
    steps = [round(100.0 * gap) for gap in GAPS]
    added = [(signals[step:, k] - alone[step:]).max() / alone.max() for k, step in enumerate(steps, 1)]
    rate, signal = blocks(1 if quick else 3)
    first = int(1000.0 * (BASELINE + BLOCK))
    found = {
        "peak of the flow (s)": 0.01 * float(np.argmax(flow[:, 0])),
        "peak (s)": 0.01 * float(np.argmax(alone)),
        "undershoot / peak": -float(alone.min() / alone.max()),
        "second / first after 1 s": float(added[0]),
        "second / first after 24 s": float(added[-1]),
        "plateau (%)": 100.0 * float(signal[first - 4000 : first].mean()),
        "plateau by the equations (%)": 100.0 * settled(ACTIVE / REST - 1.0),
    }
    print(
        f"one pulse: the flow peaks after {found['peak of the flow (s)']:.2f} s (expected: {flow_peak():.2f}),", end=" "
    )
    print(f"the signal after {found['peak (s)']:.2f} s (later)")
    print(f"an undershoot follows of {100.0 * found['undershoot / peak']:.0f} % of the peak")
    print(f"a second pulse adds {100.0 * added[0]:.0f} % of the first one's peak after 1 s,", end=" ")
    print(f"{100.0 * added[-1]:.0f} % after 24 s (expected: less, and all)")
    print(f"blocks: {found['plateau (%)']:.2f} % at the end of the first", end=" ")
    print(f"(expected, at the fixed point: {found['plateau by the equations (%)']:.2f} %)")
    draw(signals, added, rate, signal, output)
    return found


def draw(signals: Array, added: list[float], rate: Array, signal: Array, output: str) -> None:
    """Draw one pulse and pairs, what the second one adds, and blocks."""
    figure, axes = plt.subplots(1, 3, figsize=(13, 3.5), width_ratios=[1.2, 1, 1.8], layout="constrained")
    seconds = 0.01 * np.arange(len(signals))
    axes[0].axvspan(0.0, 1.0, color="0.9")
    axes[0].plot(seconds, 100.0 * signals[:, 0], label="one pulse")
    axes[0].plot(seconds, 100.0 * signals[:, 1], label=f"two, {GAPS[0]:g} s apart")
    axes[0].plot(seconds, 200.0 * signals[:, 0], color="0.6", linestyle=":", label="twice one")
    axes[0].set(title="pulses of a second", xlabel="time (s)", ylabel="BOLD (%)", xlim=(0, 30))
    axes[0].legend()
    axes[1].plot(GAPS, 100.0 * np.array(added), marker="o")
    axes[1].axhline(100.0, color="0.6", linestyle=":")
    axes[1].set(title="a second pulse", xlabel="after (s)", ylabel="adds (% of the first)", ylim=(0, 130))
    ms = np.arange(len(signal)) / 1000.0
    axes[2].plot(ms, 100.0 * signal, label="BOLD (%)")
    axes[2].axhline(100.0 * settled(ACTIVE / REST - 1.0), color="0.6", linestyle=":", label="fixed point (%)")
    axes[2].plot(ms, rate[: len(signal)] / 10.0, color="C3", linewidth=0.7, label="rate (10 Hz)")
    axes[2].set(title="blocks of spikes", xlabel="time (s)", ylim=(-0.4, 1.9))
    axes[2].legend(loc="upper center", ncols=3)
    figure.savefig(output, dpi=100)
    plt.close(figure)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one block of spikes instead of three")
    parser.add_argument("--output", default="bold.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
