"""What is known of projects, as clients get it: figures, and curves as pictures."""
