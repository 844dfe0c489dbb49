"""Draw the figures of docs/models.md: traces over independent integrations, and how the error falls with the step.

    python benchmarks/figures.py

Writes ``docs/figures/<model>.png`` and prints the measured slopes. Takes about ten seconds.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a script, this folder comes first and `benchmarks` is not found

from benchmarks.driven import (  # noqa: E402  needs the path
    DRIVEN,
    reference,
    simulated,
    slope,
    spike_errors,
    trace_error,
)

FIGURES = ROOT / "docs" / "figures"
# model: title, coarse step of the drawn trace in ms
DRAWN = {
    "Izhikevich": ("Izhikevich, regular spiking, I = 10", 0.1),
    "IF_cond_exp": ("IF_cond_exp, 0.9 nA and spikes", 0.1),
    "EIF_cond_exp_isfa_ista": ("EIF_cond_exp_isfa_ista (AdEx)", 0.1),
    "HH_cond_exp": ("HH_cond_exp, 0.3 nA and spikes", 0.01),
}
INK, ACCENT, SOFT = "#222222", "#d1495b", "#9ec5e8"


def draw(name: str) -> Path:
    """Draw one model and return the file."""
    title, dt_ms = DRAWN[name]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.0), width_ratios=(2.2, 1.0), layout="constrained")
    _draw_trace(left, name, dt_ms)
    _draw_errors(right, name)
    left.set_title(title, loc="left", fontsize=10)
    file = FIGURES / f"{name}.png"
    figure.savefig(file, dpi=110, metadata={"Software": None})
    plt.close(figure)
    return file


def _draw_trace(axes: Any, name: str, dt_ms: float) -> None:
    until_ms = DRIVEN[name].until_ms
    exact, ours = reference(name, 0.01), simulated(name, dt_ms)
    axes.plot(np.arange(1, len(exact.states) + 1) * 0.01, exact.states[:, 0], color=SOFT, lw=3.5, label="independent")
    times = np.arange(1, len(ours.states) + 1) * dt_ms
    axes.plot(times, ours.states[:, 0], color=INK, lw=0.9, label=f"engram, dt = {dt_ms:g} ms")
    top = max(exact.states[:, 0].max(), ours.states[:, 0].max())
    axes.plot(ours.spikes, np.full(len(ours.spikes), top + 0.06 * np.ptp(exact.states[:, 0])), "|", color=ACCENT, ms=9)
    axes.set(xlabel="time (ms)", ylabel="v (mV)", xlim=(0.0, until_ms))
    axes.legend(loc="upper right", bbox_to_anchor=(1.0, 1.16), ncols=2, frameon=False, fontsize=8, borderaxespad=0.0)
    _open(axes)


def _draw_errors(axes: Any, name: str) -> None:
    driven = DRIVEN[name]
    steps = np.array(driven.steps_ms)
    errors = np.array([trace_error(name, dt_ms) for dt_ms in driven.steps_ms])
    late = np.array([np.abs(spike_errors(name, dt_ms)).max() for dt_ms in driven.steps_ms])
    axes.loglog(steps, 0.6 * errors[-1] * (steps / steps[-1]) ** driven.order, "--", color="#888888", lw=1.0)
    axes.annotate(
        f"slope {driven.order}",
        (steps[2], 0.6 * errors[-1] * (steps[2] / steps[-1]) ** driven.order),
        xytext=(4, -10),
        textcoords="offset points",
        fontsize=8,
        color="#666666",
    )
    axes.loglog(steps, errors, "o-", color=INK, ms=4, lw=1.0, label=f"v (mV): {_order(name):.2f}")
    axes.loglog(steps, late, "|", color=ACCENT, ms=9, mew=1.5, label="spike times (ms)")
    axes.set(xlabel="dt (ms)", ylabel="largest error")
    axes.set_xticks(steps[::2], [f"{dt:.2g}" for dt in steps[::2]])
    axes.minorticks_off()
    axes.margins(y=0.15)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.02, 1.16), ncols=2, frameon=False, fontsize=7.5, borderaxespad=0.0)
    _open(axes)


def _order(name: str) -> float:
    steps_ms = DRIVEN[name].steps_ms
    return slope(steps_ms, [trace_error(name, dt_ms) for dt_ms in steps_ms])


def _open(axes: Any) -> None:
    """Draw the two axes that carry numbers and no frame."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)


def main() -> None:
    """Draw all figures."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    for name in DRAWN:
        file = draw(name)
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB, slope {_order(name):.3f}")


if __name__ == "__main__":
    main()
