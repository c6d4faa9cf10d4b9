"""The daily step of the default model.

system         an economy and its parameters as flat arrays, the state, the weather
interventions  what a plan does, compiled into the weather
reference      the step in NumPy, written to be read: what every symbol means
rules          the arithmetic of one node, slot or supplier, written once for every compiler
layout         a system's arrays in the order in which the compiled step reads them
kernels        the same step compiled, one scenario over its days
rows, slots    its markets, and what nodes buy
scratch        what it works in
record         what a run writes down
"""
