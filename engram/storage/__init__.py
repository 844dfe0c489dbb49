"""Files: what a network remembers, as bytes, and back. FORMATS of the files, saving, loading, atomic writing."""
