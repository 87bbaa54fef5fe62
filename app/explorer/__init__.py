"""The explorer: pages for people, made of what the public API answers and of nothing else."""
