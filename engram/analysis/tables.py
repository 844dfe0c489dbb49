"""Recordings as the tables of other libraries: pandas, xarray, neo; each is imported when it is asked for.

In: a :class:`Recording`. Out: objects of those libraries.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engram.analysis.recording import Recording
from engram.errors import InvalidArgument
from engram.optional import optional
from engram.program.units import in_ms

__all__ = ["data_frame", "dataset", "neo_block"]


def data_frame(recording: Recording) -> Any:
    """Return a ``pandas.DataFrame``.

    Of spikes: columns ``time`` (ms) and ``rank``. Of one variable: a column for each rank, over ``time`` (ms); of a
    global one a column of its name. Of several: columns (variable, rank). Of synapses (post, pre) stand for the rank.

    Raises:
        InvalidArgument: if spikes are asked for together with anything else: that is no one table.
    """
    pandas = optional("pandas")
    names = [*recording.samples, *recording.spikes]
    if recording.spikes:
        if len(names) > 1:
            what = f"{', '.join(names)} of monitor {recording.monitor!r} are not one table"
            raise InvalidArgument(f"{what}\n  help: ask for one of them, to_dataframe({names[-1]!r}).")
        events = recording.events(names[0])
        return pandas.DataFrame({"time": events["time"], "rank": events["rank"]})
    index = pandas.Index(in_ms(recording.common_steps(), recording.dt_ms), name="time")
    posts, levels = recording.posts, ["rank"] if recording.posts is None else ["post", "pre"]
    if posts is None:
        ranks = pandas.Index(recording.neurons, name="rank")
    else:
        ranks = pandas.MultiIndex.from_arrays([posts, recording.neurons], names=levels)
    frames = {}
    for name, found in recording.samples.items():
        if found.values.ndim == 1:
            column = name if posts is None or len(names) == 1 else (name, "")
            frames[name] = pandas.DataFrame({column: found.values}, index)
        else:
            frames[name] = pandas.DataFrame(found.rows, index, ranks)
    return frames[names[0]] if len(names) == 1 else pandas.concat(frames, axis=1, names=["variable", *levels])


def dataset(recording: Recording) -> Any:
    """Return an ``xarray.Dataset``.

    Variables have the dimensions ``time`` (ms) and ``rank``, or, of populations with several dimensions, ``dim_0``
    ...; of synapses ``synapse`` with the coordinates ``post`` and ``pre``. Spikes are ``spike_time`` (ms) and
    ``spike_rank`` over ``spike_number``.
    """
    xarray = optional("xarray")
    variables: dict[str, Any] = {}
    coordinates: dict[str, Any] = {}
    if recording.samples:
        times = in_ms(recording.common_steps(), recording.dt_ms)
        coordinates["time"] = ("time", times, {"units": "ms"})
    for name, found in recording.samples.items():
        dims = [f"dim_{k}" for k in range(found.values.ndim - 1)]
        if len(dims) == 1 and recording.posts is None:
            dims, coordinates["rank"] = ["rank"], ("rank", recording.neurons)
        elif len(dims) == 1:
            dims = ["synapse"]
            coordinates |= {"post": ("synapse", recording.posts), "pre": ("synapse", recording.neurons)}
        variables[name] = (["time", *dims], found.values)
    for name in recording.spikes:
        events = recording.events(name)
        variables[f"{name}_time"] = (f"{name}_number", events["time"], {"units": "ms"})
        variables[f"{name}_rank"] = (f"{name}_number", events["rank"])
    return xarray.Dataset(variables, coordinates)


def neo_block(recording: Recording) -> Any:
    """Return a ``neo.Block`` of one segment: a spike train for each neuron, and a signal for each variable.

    Variables have no unit that engram would know: signals are dimensionless. Samples that are not evenly spaced, after
    a pause, are an irregular signal. Channels are annotated with their ``rank``, of synapses ``post`` and ``pre``.
    """
    neo, quantities = optional("neo"), optional("quantities")
    ms, dt_ms = quantities.ms, recording.dt_ms
    block = neo.Block(name=recording.monitor)
    segment = neo.Segment(name=recording.monitor)
    block.segments.append(segment)
    first = min((a for a, _ in recording.intervals), default=0) * dt_ms
    last = max((b for _, b in recording.intervals), default=0) * dt_ms
    for name, spikes in recording.spikes.items():
        for rank, steps in zip(spikes.neurons, np.split(spikes.steps, spikes.ends[:-1]), strict=True):
            train = neo.SpikeTrain(steps * dt_ms * ms, t_stop=last * ms, t_start=first * ms, name=f"{name} {rank}")
            train.annotate(rank=int(rank))
            segment.spiketrains.append(train)
    for name, found in recording.samples.items():
        if not len(found.steps):
            continue  # neo has no signals without samples
        gaps = np.unique(np.diff(found.steps))
        values, times = found.rows, found.steps * dt_ms
        if len(gaps) > 1:
            signal = neo.IrregularlySampledSignal(times * ms, values, units="dimensionless", name=name)
            segment.irregularlysampledsignals.append(signal)
        else:
            period_ms = (int(gaps[0]) if len(gaps) else 1) * dt_ms
            start = times[0] * ms
            signal = neo.AnalogSignal(values, "dimensionless", sampling_period=period_ms * ms, t_start=start, name=name)
            segment.analogsignals.append(signal)
        if values.shape[1] == len(recording.neurons):
            known = {"rank": recording.neurons}
            signal.array_annotate(
                **known if recording.posts is None else {"post": recording.posts, "pre": known["rank"]}
            )
    return block
