"""What to show in, a file out."""
