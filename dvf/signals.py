"""What this app tells the others, which it does not know."""

from django.dispatch import Signal

release_served = Signal()
"""Sent with ``run`` (a DVFImport) once its sales are served: what was worked out from the former ones is
stale.
"""
