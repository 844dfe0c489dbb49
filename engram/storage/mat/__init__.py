"""MATLAB's files of level 5: the format ``.mat``."""
