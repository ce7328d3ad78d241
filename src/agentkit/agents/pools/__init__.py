"""Pools of replicas, and limits that agents share."""
