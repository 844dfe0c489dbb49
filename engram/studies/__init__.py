"""Parameter studies: many runs of one piece of work in several processes, and the file that remembers their results.

Nothing here knows a network: what runs is an *experiment*, which is given a :class:`~engram.studies.runs.Run` and
returns bytes.
"""
