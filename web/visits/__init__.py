"""The pages of visits: a day beside its plan, what waits for review, and all there is behind one visit."""
