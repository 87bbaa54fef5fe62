"""From what was found elsewhere to claims in seed_data."""
