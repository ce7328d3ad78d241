"""Fallback chains: strategies that are asked one after the other."""
