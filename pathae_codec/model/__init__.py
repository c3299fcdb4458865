"""Pixels <-> symbols: the model artifact, the quantizer, and what runs the networks."""
