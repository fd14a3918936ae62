"""Published rules on the quality of whole texts: their scores, their limits, and the decisions that follow."""
