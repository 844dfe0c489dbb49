"""Pickles, written as opcodes and read by a machine that runs nothing: the formats ``.txt`` and, deflated, ``.gz``."""
