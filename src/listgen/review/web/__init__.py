"""The pages of a review: who may see what, and how it is shown."""
