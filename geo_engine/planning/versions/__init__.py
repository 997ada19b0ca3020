"""What lasts of planning: a day's versions, what each was made from and left out, and who had it when."""
