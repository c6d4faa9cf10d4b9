"""How a shock travels: one daily step made of named phases.

parameters  the default model's parameters: value, range, grade, source; sampled by the ensemble
system      an Economy and parameters as flat arrays, and the state the step changes
phases      the step in NumPy: the reference, written to be read
kernels     the same step in numba
simulate    simulate(economy, scenario or forcing, ...) -> Run
run         what one run gives: labelled paths, value added, who stopped and why
ensemble    many draws of parameters and uncertain inputs
columns     the same step for one item of one scenario of a batch: the source of batch and cuda
campaign    thousands of draws in parts on disk, gone on with after any stop
campaign_parts, campaign_tables   what is run and kept; what comes out
cluster     the same on a Ray cluster
static      what can be said without a model of time: direct loss, Leontief, Ghosh
batch       many scenarios or draws side by side, summaries only
cuda        a batch on a card
pooled      the published models (ARIO, Pichler, Inoue and Todo) in NumPy on dense tables: the reference
pooled_system   the same as flat arrays, on slots and markets
pooled_kernels, pooled_markets   and compiled: nodes, markets
published   a published model behind the same doors as the default: start, go on, record; what it cannot do
amplify     whether orders outgrew the shock
"""
