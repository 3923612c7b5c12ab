"""A running drop, a simulated audience, and everything that can die dying: `./run chaos`. `checker.py` is the proof."""
