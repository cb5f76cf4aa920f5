"""People, whose history can be asked for too."""

from platform_tests.history.conftest import service

__all__ = ["service"]
