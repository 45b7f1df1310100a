"""The one exception of this package; its text is for the person at the terminal."""


class ServiceError(Exception):
    """A local service cannot start or stop; the message says why and what to do."""
