"""What a service holds about people, and how it forgets them.

Each service says in one line per aggregate or copy what it holds about a person, ``Holding(...)``, and answers requests
for erasure with :class:`ErasureAnswers`. An architecture test finds tables that refer to people and that nobody has
named. See ADR 0024.
"""

from crm_platform.privacy.answers import ErasureAnswers
from crm_platform.privacy.declare import BLANK, Holding, Subject

__all__ = ["BLANK", "ErasureAnswers", "Holding", "Subject"]
