"""What a day's travel is made of: matrices by travel mode, speeds by the hour, and what was learned of both."""
