"""The number of zones counted from the base, beside the totals that documents publish."""
