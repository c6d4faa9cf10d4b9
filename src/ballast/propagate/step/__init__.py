"""The daily step of the default model.

system      an economy and its parameters as flat arrays, the state, the weather, help
reference   the step in NumPy, written to be read: what every symbol means
kernels     the same step compiled, one scenario over its days
"""
