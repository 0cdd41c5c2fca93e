"""What programs of several versions must be able to read of each other."""
