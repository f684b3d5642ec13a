"""Fronts and clusters: which technologies no other dominates, and which have similar axis scores."""
