"""An office automation (OA) system that approves projects and tells of meetings."""
