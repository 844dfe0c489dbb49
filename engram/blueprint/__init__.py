"""What a network is: frozen records of what the user defined, to and from JSON; fingerprints; what differs between two.

In: made by ``persistence/blueprinting.py``, or read from a file. Nothing here holds an object of a network or an array,
and nothing that stands in a blueprint is ever run: it is data.
"""
