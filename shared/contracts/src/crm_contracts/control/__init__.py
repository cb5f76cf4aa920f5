"""Quality gates, corrective actions and change requests of projects."""
