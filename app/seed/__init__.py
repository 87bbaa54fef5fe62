"""From the knowledge as text to a release: read, check, build."""
