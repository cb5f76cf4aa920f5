"""What a service holds about people, how it forgets them, and how it tells them what it knows.

Each service says in one line per aggregate or copy what it holds about a person, ``Holding(...)``. It answers requests
for erasure with :class:`ErasureAnswers`, and those for access with :class:`AccessAnswers`. An architecture test finds
tables that refer to people and that nobody has named. See ADR 0024 and 0029.
"""

from crm_platform.privacy.access import AccessAnswers
from crm_platform.privacy.answers import ErasureAnswers
from crm_platform.privacy.declare import BLANK, COPY, Holding, Subject

__all__ = ["BLANK", "COPY", "AccessAnswers", "ErasureAnswers", "Holding", "Subject"]
