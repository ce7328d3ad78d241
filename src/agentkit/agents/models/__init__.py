"""Agents that ask models (extra `llm`): the asking, its limits and costs, tools, and what is kept of conversations."""
