"""A network in a body in a world: Braitenberg's vehicles, driven by spikes.

A vehicle has two eyes and two wheels. The light that an eye sees sets the rate of 50 sensory neurons; they excite 50
motor neurons, whose rate is the speed of a wheel; and where the wheels take it changes what it sees. The loop is closed
by a function that `simulate` calls every 10 ms: it reads rates, moves the vehicle, and sets rates.

Expected: with crossed connections (vehicle 2b, "aggression") it turns to the light and runs into it; with straight ones
(2a, "fear") it turns away from it and flees.

Braitenberg V (1984) Vehicles: experiments in synthetic psychology. MIT Press.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

import engram as eg

__all__ = ["main"]

MOTOR = eg.Neuron(
    parameters="tau = 20.0 : population",
    equations="""
        tau*dv/dt = -v + 2.0 + 0.2*Normal(0.0, 1.0) : exponential
        v += g_exc
    """,
    spike="v > 10.0",
    reset="v = 0.0",
    refractory=2.0,
)
LIGHT = np.array([0.0, 0.0])
STARTS = [(-4.0, -1.5), (-4.0, 0.5), (-3.0, 2.5)]  # all of them look to the right
LEFT, RIGHT = slice(0, 50), slice(50, 100)
EYES, AXLE, SPEED = 0.6, 0.4, 0.03  # angle (rad), length, length per s and Hz


def seen(position: npt.NDArray[np.float64], angle: float) -> float:
    """Return how bright the light is for an eye at a position that looks into a direction, 0 to 1."""
    there = LIGHT - position
    distance = float(np.hypot(*there))
    facing = np.cos(np.arctan2(there[1], there[0]) - angle)
    return max(0.0, float(facing)) / (1.0 + (distance / 4.0) ** 2)


def drive(is_crossed: bool, start: tuple[float, float], duration: float) -> npt.NDArray[np.float64]:
    """Let a vehicle drive; return its way (steps, 2)."""
    net = eg.Network(dt=1.0, seed=1)
    eyes, wheels = net.create(eg.PoissonPopulation(100, rates=0.0), name="eyes"), net.create(100, MOTOR, name="wheels")
    wheels.compute_firing_rate(window=100.0)
    for eye in (LEFT, RIGHT):
        wheel = {LEFT.start: RIGHT, RIGHT.start: LEFT}[eye.start] if is_crossed else eye
        net.connect(eyes[eye], wheels[wheel], "exc").fixed_probability(0.5, weights=0.6)
    net.compile()

    way, angle = [np.array(start)], 0.0

    @net.every(period=10.0)
    def move(_: int) -> None:
        """Turn the wheels by the rates of the motor neurons, and set those of the eyes."""
        nonlocal angle
        left, right = wheels.r[LEFT].mean() * SPEED, wheels.r[RIGHT].mean() * SPEED
        angle += (right - left) / AXLE * 0.01
        way.append(way[-1] + 0.5 * (left + right) * 0.01 * np.array([np.cos(angle), np.sin(angle)]))
        eyes[LEFT].rates = 20.0 + 150.0 * seen(way[-1], angle + EYES)
        eyes[RIGHT].rates = 20.0 + 150.0 * seen(way[-1], angle - EYES)

    net.simulate(duration)
    return np.array(way)


def main(quick: bool = False, output: str = "closed_loop.png") -> dict[str, float]:
    """Let vehicles of both kinds drive, print how near they come, draw their ways."""
    duration, starts = (4000.0, STARTS[:2]) if quick else (8000.0, STARTS)
    figure, axes = plt.subplots(1, 2, figsize=(10, 5.5), layout="constrained", sharex=True, sharey=True)
    found: dict[str, float] = {}
    for ax, (name, is_crossed) in zip(axes, {"crossed": True, "straight": False}.items(), strict=True):
        nearest, last = [], []
        for start in starts:
            way = drive(is_crossed, start, duration)
            distances = np.hypot(*(way - LIGHT).T)
            nearest.append(float(distances.min()))
            last.append(float(distances[-1]))
            (line,) = ax.plot(*way.T, linewidth=1.0)
            ax.plot(*way[0], "o", color=line.get_color())
        ax.plot(*LIGHT, "*", color="orange", markersize=18)
        ax.set(title=f"{name} connections", xlabel="x", ylabel="y", aspect="equal", xlim=(-6, 6), ylim=(-6, 6))
        found |= {
            f"nearest of all, {name}": min(nearest),
            f"nearest of the worst, {name}": max(nearest),
            f"last of all, {name}": min(last),
        }
    worst = found["nearest of the worst, crossed"]
    print(f"crossed: all come as near to the light as {worst:.2f} (expected: near 0, they run into it)")
    print(f"straight: none comes nearer than {found['nearest of all, straight']:.2f} (expected: they flee)")
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="four vehicles and 4 s instead of six and 8 s")
    parser.add_argument("--output", default="closed_loop.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
