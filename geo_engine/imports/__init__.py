"""Files of sites and workers on their way into a company's rows: read, looked at, corrected, written."""
