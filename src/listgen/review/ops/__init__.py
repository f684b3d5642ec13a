"""Running a review: what the commands do, and the server."""
