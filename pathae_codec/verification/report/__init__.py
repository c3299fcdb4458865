"""A verification as one HTML file that a person can look at. A file is a part of the page."""
