"""Networks that judge reconstructions and train nothing: how alike a tile and its original look.

What is measured is what is built, and networks disagree. So there are four families, and a claim
names those for which it holds. No judge takes part in a training, and none chooses a checkpoint
alone.
"""
