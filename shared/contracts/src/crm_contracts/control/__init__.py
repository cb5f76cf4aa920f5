"""Quality gates and corrective actions of projects."""
