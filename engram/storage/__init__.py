"""Files: what a network remembers, as bytes, and back. Formats of the files, saving, loading, atomic writing.

Each kind of file has a folder that knows of no other: ``zip``, ``pickles``, ``mat``, and ``parameters``, which people
edit. A folder's ``format`` holds what ``formats`` has a row for. What stands here is for all of them.
"""
