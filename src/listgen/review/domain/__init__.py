"""What a review is: rounds, votes, results, decisions and the log; no page and no command."""
