"""What several tests share: problems made at random, an exact answer to small ones, an independent judge."""
