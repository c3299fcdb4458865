"""What a container says of its slide: the slide record, its parts, and how it is read."""
