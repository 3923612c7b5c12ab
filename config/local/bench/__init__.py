"""`./run bench`: how fast this house is on this machine, each figure beside what limits it, in one run.

Promises figures that were measured and never a verdict: no time is asserted. Must not know production: its one page of
its own (`urls.py`) is served only here.
"""
