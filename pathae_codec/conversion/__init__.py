"""Slide -> tiles -> container: the settings, the plan, and the one place that knows all three."""
