"""Sources: where tables come from, each read with bounds, and with a report of what was found."""
