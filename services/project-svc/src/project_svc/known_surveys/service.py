"""Using the local copy of the surveys."""

from project_svc.known_surveys import repository
from project_svc.known_surveys.models import KNOWN_SURVEYS

__all__ = ["follow", "scores_of"]

follow = KNOWN_SURVEYS.follow
scores_of = repository.scores_of
