"""Plans and schedules for other programs, and out of them."""
