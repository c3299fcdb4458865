"""What a slide is said to be: its record, its tiles counted, and what of its source comes along."""
