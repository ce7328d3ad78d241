"""Reports: what they say, how they look, and the files that they are written to.

Rules: a report is one value, and every format says the same; a file is there whole and checked, or not at all.
"""
