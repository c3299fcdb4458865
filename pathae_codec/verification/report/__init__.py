"""A verification as one HTML file that a person can look at: figures here, HTML in `templates`."""
