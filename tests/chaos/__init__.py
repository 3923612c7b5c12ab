"""A running drop, a simulated audience, and everything that can die dying: `./run chaos`. The proof is in `checker.py`."""
