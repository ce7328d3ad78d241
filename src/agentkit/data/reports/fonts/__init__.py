"""The fonts of reports, under the SIL Open Font License, and what they can write."""
