"""What people have said about consent, when their records are merged and taken apart again."""
