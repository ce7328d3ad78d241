"""One run on a screen: its stages, its attempts on a line of time, its events in words, what it used.

pictures, events -> board -> rows, bars, lines
"""
