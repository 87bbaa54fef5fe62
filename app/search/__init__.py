"""Search: one tokeniser for load and query, an index in the release, and what is found with it.

It knows rows by resource and id, and what they are called; no resource by its meaning.
"""
