"""The pages, a module for each: what is asked of the index, and the view that its template shows."""
