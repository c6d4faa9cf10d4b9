"""The step for many columns at once: scenarios or draws of one economy side by side.

columns   each phase for one item of one column: the source of both below
batch     columns packed, and run on the processor or on a card
cuda      the same functions on a CUDA card
"""
