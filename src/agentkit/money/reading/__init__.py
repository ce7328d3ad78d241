"""What people wrote, read strictly: numbers, amounts, percentages, dates, and whole columns."""
