"""Where entries of the log go: a terminal, lines of JSON, files."""
