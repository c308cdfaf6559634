"""What crosses the outside, re-runnable from any of its steps: payouts and posters."""
