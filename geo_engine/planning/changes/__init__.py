"""What a newer plan or list of stops has otherwise than an older one, and who has read it."""
