"""What a record says wrote it."""

SOFTWARE = "pathae 0.1.0"
