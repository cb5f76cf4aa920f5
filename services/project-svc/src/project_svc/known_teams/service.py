"""Using the local copy of the teams."""

from project_svc.known_teams.repository import KnownTeam, teams_of

__all__ = ["KnownTeam", "teams_of"]
