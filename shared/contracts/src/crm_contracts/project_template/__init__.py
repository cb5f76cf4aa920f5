"""Events of templates of projects."""
