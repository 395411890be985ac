"""Results in, findings out: what is on track, what changed beyond chance, what deserves attention."""
