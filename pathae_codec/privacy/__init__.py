"""What of a source comes along and what does not, and what a file still discloses."""
