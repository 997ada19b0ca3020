"""A day that is under way: what of it is frozen, and its rest planned anew or repaired from a moment on."""
