"""Bridges: results carried out to other programs, and back."""
