"""Container -> container, and to a lower rung: no network is run."""
