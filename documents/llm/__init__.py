"""Asking a language model what a document says, beside what the rules read in it.

Nothing here is needed for the project to work: without a key, a network or the client's consent, the rules
alone read. What a model answers is checked value by value against the page (`evidence`), and never takes the
place of what a rule read (`merging`).
"""
