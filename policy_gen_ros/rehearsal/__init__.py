"""Rehearsal: candidates for a goal walk in perturbed twins before one of them is published."""
