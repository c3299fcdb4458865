"""Looking at slides: the page that decodes by itself, the server and the static site."""
