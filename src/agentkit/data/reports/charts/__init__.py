"""Charts: the figures they show, and drawings of these as SVG."""
