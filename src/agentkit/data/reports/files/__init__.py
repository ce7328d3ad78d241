"""The files of a report: PDF, Excel, CSV and HTML, each read back and checked after it was written."""
