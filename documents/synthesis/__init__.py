"""What one takes on: all the documents of a property together, in amounts that say whose they are.

Pure arithmetic on what was read: no Django, no network, no words (codes only). `papers` in, lines out.
"""
